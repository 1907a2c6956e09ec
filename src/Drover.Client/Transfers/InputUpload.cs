using System.Security.Cryptography;
using System.Text.Json;
using System.Threading.Channels;
using Drover.Client.Http;

namespace Drover.Client.Transfers;

/// <summary>
/// One upload of inputs. One side reads and hashes, the other asks what is missing and sends it; batches go from one to the
/// other. Small contents go many in a request, from the memory in which they were hashed; large ones each in its own.
/// </summary>
internal sealed class InputUpload(ApiConnection connection, IProgress<TransferProgress>? progress)
{
    private const int BatchesAhead = 2;

    /// <summary>From this length on it is worth to ask the server about the length, and perhaps to read it once only.</summary>
    private const long HashedLater = 16 << 20;

    private readonly TransferMeter _meter = new(progress, connection.Options.Time);
    private readonly HashSet<string> _settled = new(StringComparer.Ordinal);

    public async Task<string> RunAsync(IEnumerable<UploadSource> sources, CancellationToken cancellationToken)
    {
        UploadSource[] all = [.. sources];
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Off the caller's thread: the walk blocks.
        IReadOnlyList<LocalInput> inputs = InputTree.Walk(all, cancellationToken);
        LocalInput[] files = [.. inputs.Where(input => input.Kind == InputKind.File)];
        _meter.Total = (files.Sum(file => file.Facts.Length), files.Length);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var batches = Channel.CreateBounded<InputBatch>(new BoundedChannelOptions(BatchesAhead) { SingleReader = true, SingleWriter = true });
        Task reading = ReadAllAsync(files, batches.Writer, ending.Token);
        try
        {
            await foreach (InputBatch batch in batches.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await SendAsync(batch, cancellationToken).ConfigureAwait(false);
            }
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

    /// <summary>Hashes all files, in order, and gives them on in batches. A failure ends the channel.</summary>
    private static async Task ReadAllAsync(LocalInput[] files, ChannelWriter<InputBatch> batches, CancellationToken cancellationToken)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            var batch = new InputBatch();
            foreach (LocalInput file in files)
            {
                cancellationToken.ThrowIfCancellationRequested();
                byte[]? content = null;
                if (file.Facts.Length <= InputBatch.SmallBytes)
                {
                    content = ContentReader.ReadSmall(file);
                }
                else if (file.Facts.Length < HashedLater)
                {
                    await ContentReader.HashAsync(file, cancellationToken).ConfigureAwait(false);
                }

                batch.Add(file, content);
                if (batch.IsFull)
                {
                    await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
                    batch = new InputBatch();
                }
            }

            await batches.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            batches.Complete();
        }
        catch (Exception e)
        {
            batches.Complete(e);
        }
    }

    private async Task SendAsync(InputBatch batch, CancellationToken cancellationToken)
    {
        string[] hashes = [.. batch.Files.Select(file => file.Input.Hash).OfType<string>().Where(hash => !_settled.Contains(hash)).Distinct(StringComparer.Ordinal)];
        var missing = new HashSet<string>(await AskAsync(hashes, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal);
        var pack = new List<(string Hash, byte[] Content)>();
        foreach ((LocalInput input, byte[]? content) in batch.Files)
        {
            if (input.Hash is null)
            {
                await new LargeUpload(connection, input, _meter, IsMissingAsync).RunAsync(cancellationToken).ConfigureAwait(false);
                _settled.Add(input.Hash!);
            }
            else if (!missing.Remove(input.Hash))
            {
                _meter.WasThere(input.Facts.Length, 1);
            }
            else if (content is not null)
            {
                pack.Add((input.Hash, content));
            }
            else
            {
                await new LargeUpload(connection, input, _meter, IsMissingAsync).SendAsync(cancellationToken).ConfigureAwait(false);
                input.SeeThatItIsUnchanged();
                _meter.Completed(1);
            }
        }

        if (pack.Count > 0)
        {
            byte[] body = ContentPack.Of(pack);
            var request = new ApiRequest(HttpMethod.Post, "api/v1/inputs/pack") { Body = () => ContentPack.Content(body), Wait = Timeout.InfiniteTimeSpan };
            await connection.SendForBytesAsync(request, cancellationToken).ConfigureAwait(false);
            _meter.Moved(pack.Sum(each => (long)each.Content.Length));
            _meter.Completed(pack.Count);
        }

        _settled.UnionWith(hashes);
    }

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
        !_settled.Contains(hash) && (await AskAsync([hash], cancellationToken).ConfigureAwait(false)).Count > 0;

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
