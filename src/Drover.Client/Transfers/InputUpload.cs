using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Drover.Client.Http;

namespace Drover.Client.Transfers;

/// <summary>
/// One upload of inputs. One side reads and hashes, the other asks what is missing and sends it, a few batches at a time. Small
/// contents go many in a request, from the memory in which they were hashed; large ones each in its own.
/// </summary>
internal sealed class InputUpload(ApiConnection connection, IProgress<TransferProgress>? progress) : IDisposable
{
    private const int BatchesAhead = 2;
    private const int RequestsAtOnce = 3;

    /// <summary>From this length on it is worth to ask the server about the length, and perhaps to read it once only.</summary>
    private const long HashedLater = 16 << 20;

    private readonly TransferMeter _meter = new(progress, connection.Options.Time);
    private readonly ConcurrentDictionary<string, bool> _settled = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _large = new(1);

    public async Task<string> RunAsync(IEnumerable<UploadSource> sources, CancellationToken cancellationToken)
    {
        UploadSource[] all = [.. sources];
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Off the caller's thread: the walk blocks.
        IReadOnlyList<LocalInput> inputs = InputTree.Walk(all, cancellationToken);
        LocalInput[] files = [.. inputs.Where(input => input.Kind == InputKind.File)];
        _meter.Total = (files.Sum(file => file.Facts.Length), files.Length);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<InputBatch>(new BoundedChannelOptions(BatchesAhead) { SingleWriter = true });
        Task reading = ReadAllAsync(files, batches.Writer, ending.Token);
        try
        {
            // One request is on its way while another is worked on by the server.
            var several = new ParallelOptions { MaxDegreeOfParallelism = RequestsAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(batches.Reader.ReadAllAsync(ending.Token), several, SendAsync).ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // What it failed with has come through the channel.
        }

        string manifest = await SendManifestAsync(inputs, cancellationToken).ConfigureAwait(false);
        _meter.Finish();
        return manifest;
    }

    public void Dispose() => _large.Dispose();

    /// <summary>Hashes all files, in order, and gives them on in batches. A failure ends the channel.</summary>
    private static async Task ReadAllAsync(LocalInput[] files, ChannelWriter<InputBatch> batches, CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        InputBatch? batch = null;
        try
        {
            foreach (LocalInput file in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                batch ??= new InputBatch();
                if (file.Facts.Length <= InputBatch.SmallBytes)
                {
                    batch.AddSmall(file);
                }
                else
                {
                    if (file.Facts.Length < HashedLater)
                    {
                        await ContentReader.HashAsync(file, cancellationToken).ConfigureAwait(false);
                    }

                    batch.Large.Add(file);
                }

                if (batch.IsFull)
                {
                    InputBatch full = batch;
                    batch = null; // Whoever gets it gives its memory back.
                    await batches.WriteAsync(full, cancellationToken).ConfigureAwait(false);
                }
            }

            if (batch is not null)
            {
                await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            batches.Complete();
        }
        catch (Exception e)
        {
            batches.Complete(e);
        }
    }

    private async ValueTask SendAsync(InputBatch batch, CancellationToken cancellationToken)
    {
        using (batch)
        {
            string[] hashes = [.. batch.Hashes.Where(hash => !_settled.ContainsKey(hash))];
            var missing = new HashSet<string>(await AskAsync(hashes, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal);
            await SendSmallAsync(batch, missing, cancellationToken).ConfigureAwait(false);
            if (batch.Large.Count > 0)
            {
                await SendLargeAsync(batch, missing, cancellationToken).ConfigureAwait(false);
            }

            Array.ForEach(hashes, Settle);
        }
    }

    private async Task SendSmallAsync(InputBatch batch, HashSet<string> missing, CancellationToken cancellationToken)
    {
        (int files, long bytes) = batch.Keep(missing);
        _meter.WasThere(batch.Small.Sum(each => each.Input.Facts.Length) - bytes, batch.Small.Count - files);
        if (files > 0)
        {
            var request = new ApiRequest(HttpMethod.Post, "api/v1/inputs/pack") { Body = batch.Body, Wait = Timeout.InfiniteTimeSpan };
            await connection.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
            _meter.Moved(bytes);
            _meter.Completed(files);
        }
    }

    /// <summary>Large contents go one after the other: two of them that are the same would be in each other's way.</summary>
    private async Task SendLargeAsync(InputBatch batch, HashSet<string> missing, CancellationToken cancellationToken)
    {
        await _large.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (LocalInput input in batch.Large)
            {
                var upload = new LargeUpload(connection, input, _meter, IsMissingAsync);
                if (input.Hash is null)
                {
                    await upload.RunAsync(cancellationToken).ConfigureAwait(false);
                    Settle(input.Hash!);
                }
                else if (missing.Remove(input.Hash) && !_settled.ContainsKey(input.Hash))
                {
                    await upload.SendAsync(cancellationToken).ConfigureAwait(false);
                    Settle(input.Hash);
                    input.SeeThatItIsUnchanged();
                    _meter.Completed(1);
                }
                else
                {
                    _meter.WasThere(input.Facts.Length, 1);
                }
            }
        }
        finally
        {
            _large.Release();
        }
    }

    private void Settle(string hash) => _settled[hash] = true;

    private async Task<IReadOnlyList<string>> AskAsync(string[] hashes, CancellationToken cancellationToken)
    {
        if (hashes.Length == 0)
        {
            return [];
        }

        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new HashList { Hashes = hashes }, ProtocolJson.Default.HashList);
        ApiRequest request = ApiRequest.Post("api/v1/inputs/missing", json) with { IsRepeatable = true };
        return (await connection.SendAsync(request, ClientJson.Tolerant.HashList, cancellationToken).ConfigureAwait(false)).Hashes;
    }

    private async Task<bool> IsMissingAsync(string hash, CancellationToken cancellationToken) =>
        !_settled.ContainsKey(hash) && (await AskAsync([hash], cancellationToken).ConfigureAwait(false)).Count > 0;

    private async Task<string> SendManifestAsync(IReadOnlyList<LocalInput> inputs, CancellationToken cancellationToken)
    {
        var manifest = new InputManifest { Entries = [.. inputs.Select(input => input.ToEntry())] };
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(manifest, ProtocolJson.Default.InputManifest);
        string hash = Convert.ToHexStringLower(SHA256.HashData(json));
        if ((await AskAsync([hash], cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            var uncounted = new TransferMeter(progress: null, connection.Options.Time);
            await new ContentPut(connection, hash, isHash: true, uncounted).RunAsync(
                offset => Task.FromResult<HttpContent>(new ByteArrayContent(json, (int)offset, json.Length - (int)offset)), cancellationToken).ConfigureAwait(false);
        }

        return hash;
    }
}
