using System.Buffers;
using System.Net;
using Drover.Client.Http;

namespace Drover.Client.Transfers;

/// <summary>
/// One copy of a file, over as many connections as it takes. The agent's checksum of the whole file comes after the last
/// byte, and is compared with that of what was written.
/// </summary>
internal sealed class FileCopy
{
    /// <summary>The header that says that a checksum follows the bytes.</summary>
    internal const string DigestHeader = "Drover-Digest";

    /// <summary>How long that is.</summary>
    internal const int DigestBytes = Crc64.Length;

    private const int BlockSize = 256 << 10;

    private readonly JobHandle _job;
    private readonly string _path;
    private readonly Stream _destination;
    private readonly TransferMeter? _meter;
    private readonly ApiConnection _connection;
    private Crc64 _crc;
    private long _copied;
    private bool _hasAll;
    private string? _tag;

    public FileCopy(JobHandle job, string path, Stream destination, TransferMeter? meter = null)
    {
        _job = job;
        _path = path;
        _destination = destination;
        _meter = meter;
        _connection = job.Client.Connection;
    }

    /// <summary>Makes room to begin again when the file has become another one; null when that cannot be done.</summary>
    public Action? Restart { get; init; }

    /// <summary>Told which state of the file comes, before its first byte.</summary>
    public Action<string>? TagKnown { get; init; }

    /// <summary>Goes on behind what the destination has of an earlier copy.</summary>
    /// <param name="tag">Of which state of the file that is.</param>
    /// <param name="block">A part of it.</param>
    public void GoOnBehind(string tag, ReadOnlySpan<byte> block)
    {
        _tag = tag;
        _crc.Append(block);
        _copied += block.Length;
    }

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        Backoff backoff = _connection.NewBackoff(isPatient: false);
        while (true)
        {
            DroverException? error = await TryCopyAsync(backoff, cancellationToken).ConfigureAwait(false);
            if (error is null)
            {
                return _copied;
            }

            _connection.Options.OnRetry?.Invoke(error);
            if (!await backoff.TryPauseAsync(cancellationToken).ConfigureAwait(false))
            {
                throw error;
            }
        }
    }

    /// <summary>Where a file is asked for.</summary>
    internal static string PathOf(JobHandle job, string path) =>
        $"api/v1/jobs/{job.Id}/files/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}";

    private async Task<DroverException?> TryCopyAsync(Backoff backoff, CancellationToken cancellationToken)
    {
        // When only the checksum is missing, the last byte is asked for again: there is no other way to ask for nothing.
        long from = _hasAll ? _copied - 1 : _copied;
        ApiRequest request = ApiRequest.Get($"{PathOf(_job, _path)}?checksum=crc-64") with
        {
            RangeFrom = from > 0 ? from : null,
            Headers = from > 0 && _tag is not null ? [("If-Range", $"\"{_tag}\"")] : [],
        };
        HttpResponseMessage response;
        try
        {
            response = await _connection.SendAsync(request, backoff, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw await _job.NotFoundAsync($"file '{_path}'", e, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestRefusedException e) when (e.Status == 416 && _copied > 0 && !_hasAll)
        {
            _hasAll = true; // The connection broke after the last byte.
            return e;
        }

        using (response)
        {
            long skip = Begin(response, from);
            return await CopyAsync(response, skip, backoff, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sees which part of which file the answer brings. Returns how many bytes of it are there already.</summary>
    private long Begin(HttpResponseMessage response, long from)
    {
        string? tag = response.Headers.ETag is { IsWeak: false, Tag: { Length: > 2 } quoted } ? quoted[1..^1] : null;
        bool goesOn = response.StatusCode == HttpStatusCode.PartialContent
            && (response.Content.Headers.ContentRange?.From is not { } begin || begin == from);
        long skip = goesOn ? _copied - from : 0;
        if (!goesOn && _copied > 0)
        {
            if (Restart is null)
            {
                throw new UnexpectedAnswerException(
                    $"The connection broke within '{_path}', and the server cannot go on from there: get the file again.", inner: null);
            }

            Restart();
            _crc = default;
            _copied = 0;
            _meter?.Restart();
        }

        _hasAll = false;
        if (tag is not null && tag != _tag)
        {
            TagKnown?.Invoke(tag);
        }

        _tag = tag;
        return skip;
    }

    private async Task<DroverException?> CopyAsync(HttpResponseMessage response, long skip, Backoff backoff, CancellationToken cancellationToken)
    {
        bool hasDigest = response.Headers.Contains(DigestHeader) && response.Content.Headers.ContentLength >= DigestBytes;
        long left = response.Content.Headers.ContentLength is { } length ? length - (hasDigest ? DigestBytes : 0) : long.MaxValue;
        if (_meter is not null && left < long.MaxValue)
        {
            _meter.Total = (_copied - skip + left, 1);
        }

        byte[] block = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            while (left > 0)
            {
                int count = await ReadAsync(body, block.AsMemory(0, (int)Math.Min(BlockSize, left)), cancellationToken).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                left -= count;
                int known = (int)Math.Min(skip, count);
                skip -= known;
                await TakeAsync(block.AsMemory(known, count - known), backoff, cancellationToken).ConfigureAwait(false);
            }

            _hasAll = hasDigest && left == 0;
            await _destination.FlushAsync(cancellationToken).ConfigureAwait(false);
            return hasDigest ? await CompareAsync(body, block, cancellationToken).ConfigureAwait(false) : null;
        }
        catch (BrokenBodyException e)
        {
            await _destination.FlushAsync(cancellationToken).ConfigureAwait(false);
            return _connection.Broken(e.InnerException!, maySent: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private async Task TakeAsync(ReadOnlyMemory<byte> bytes, Backoff backoff, CancellationToken cancellationToken)
    {
        await _destination.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        _crc.Append(bytes.Span);
        _copied += bytes.Length;
        _meter?.Moved(bytes.Length);
        backoff.Succeeded();
    }

    private async Task<DroverException?> CompareAsync(Stream body, byte[] block, CancellationToken cancellationToken)
    {
        int length = 0;
        while (length < DigestBytes && await ReadAsync(body, block.AsMemory(length, DigestBytes - length), cancellationToken).ConfigureAwait(false) is var count and > 0)
        {
            length += count;
        }

        byte[] own = new byte[DigestBytes];
        _crc.Write(own);
        return length == DigestBytes && block.AsSpan(0, DigestBytes).SequenceEqual(own)
            ? null
            : throw new DamagedTransferException($"What came of '{_path}' is not what the agent sent: the checksums differ. Get it again; when that does not help, look at the disks and memory on the way.");
    }

    /// <summary>Reads; tells the connection's errors from those of the destination.</summary>
    private static async ValueTask<int> ReadAsync(Stream body, Memory<byte> into, CancellationToken cancellationToken)
    {
        try
        {
            return await body.ReadAsync(into, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (ApiConnection.IsBroken(e))
        {
            throw new BrokenBodyException(e);
        }
    }
}
