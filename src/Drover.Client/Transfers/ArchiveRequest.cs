using System.Globalization;
using Drover.Client.Http;

namespace Drover.Client.Transfers;

/// <summary>A request for files of a job as a tar archive.</summary>
internal sealed class ArchiveRequest(JobHandle job, string path, IReadOnlyList<string>? globs)
{
    private const int BlockSize = 256 << 10;
    private const string BytesHeader = "Drover-Total";
    private const string FilesHeader = "Drover-Files";

    private readonly ApiConnection _connection = job.Client.Connection;

    /// <summary>Asks for it; the caller reads and disposes the body, and then the response.</summary>
    /// <exception cref="FileNotInJobException">There is no such folder, or no file fits.</exception>
    public async Task<(HttpResponseMessage Response, DigestedBody Body)> OpenAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        string query = string.Concat((globs ?? []).Select(glob => $"&glob={Uri.EscapeDataString(glob)}"));
        ApiRequest request = ApiRequest.Get($"api/v1/jobs/{job.Id}/archive?checksum=crc-64&path={Uri.EscapeDataString(path)}{query}");
        try
        {
            HttpResponseMessage response = await _connection.SendAsync(request, backoff, cancellationToken).ConfigureAwait(false);
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            string what = path.Length > 0 ? $"'{path}'" : $"the files of {job}";
            return (response, new DigestedBody(body, response.Headers.Contains(FileCopy.DigestHeader), what));
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw await job.NotFoundAsync(globs is null ? $"folder '{path}'" : "file that fits", e, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<long> CopyAsync(Stream destination, CancellationToken cancellationToken)
    {
        (HttpResponseMessage response, DigestedBody body) = await OpenAsync(_connection.NewBackoff(isPatient: false), cancellationToken).ConfigureAwait(false);
        using (response)
        {
            await using (body.ConfigureAwait(false))
            {
                byte[] block = new byte[BlockSize];
                long copied = 0;
                try
                {
                    while (await body.ReadAsync(block, cancellationToken).ConfigureAwait(false) is var count and > 0)
                    {
                        await destination.WriteAsync(block.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                        copied += count;
                    }
                }
                catch (BrokenBodyException e)
                {
                    throw _connection.Broken(e.InnerException!, maySent: true);
                }

                await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
                return copied;
            }
        }
    }

    /// <summary>How much the answer says there is in it.</summary>
    public static (long? Bytes, int? Files) Total(HttpResponseMessage response) =>
        (Number(response, BytesHeader), (int?)Number(response, FilesHeader));

    private static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out IEnumerable<string>? values)
        && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
}
