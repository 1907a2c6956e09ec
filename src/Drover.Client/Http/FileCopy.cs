using System.Net;

namespace Drover.Client.Http;

/// <summary>One copy of a file, over as many connections as it takes.</summary>
internal sealed class FileCopy(JobHandle job, string path, Stream destination)
{
    private readonly ApiConnection _connection = job.Client.Connection;
    private long _copied;

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        Backoff backoff = _connection.NewBackoff(isPatient: false);
        while (true)
        {
            DroverException? error = await TryCopyAsync(backoff, cancellationToken);
            if (error is null)
            {
                return _copied;
            }

            _connection.Options.OnRetry?.Invoke(error);
            if (!await backoff.TryPauseAsync(cancellationToken))
            {
                throw error;
            }
        }
    }

    private async Task<DroverException?> TryCopyAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        string escaped = string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
        ApiRequest request = ApiRequest.Get($"api/v1/jobs/{job.Id}/files/{escaped}") with { RangeFrom = _copied > 0 ? _copied : null };
        HttpResponseMessage response;
        try
        {
            response = await _connection.SendAsync(request, backoff, cancellationToken);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw await job.NotFoundAsync($"file '{path}'", e, cancellationToken);
        }

        catch (RequestRefusedException e) when (e.Status == 416 && _copied > 0)
        {
            return null; // The connection broke after the last byte.
        }

        using (response)
        {
            // The rest of a file is the rest only when the server says so.
            if (_copied > 0
                && (response.StatusCode != HttpStatusCode.PartialContent || (response.Content.Headers.ContentRange is { From: { } from } && from != _copied)))
            {
                throw new UnexpectedAnswerException(
                    $"The connection broke within '{path}', and the server cannot go on from there: get the file again.", inner: null);
            }

            return await Body.CopyAsync(
                _connection,
                response,
                destination,
                read =>
                {
                    backoff.Succeeded();
                    _copied += read;
                },
                cancellationToken);
        }
    }
}
