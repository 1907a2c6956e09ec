using System.Formats.Tar;
using Drover.Protocol.Files;

namespace Drover.Server.Inputs;

/// <summary>The inputs of a job as an agent gets them: <see cref="AgentProtocol.InputsPath"/>.</summary>
internal sealed class InputArchive(InputStore store, string user)
{
    private const string ManifestName = InputRules.ReservedPrefix + "inputs.json";
    private const int BatchBytes = 4 << 20;
    private const int BatchFiles = 1000;

    /// <summary>Writes it; small contents are read many at a time.</summary>
    internal async Task WriteAsync(InputManifest manifest, byte[] json, Stream to, CancellationToken cancellation)
    {
        var writer = new TarWriter(to, TarEntryFormat.Pax, leaveOpen: true);
        await using (writer.ConfigureAwait(false))
        {
            await AddAsync(writer, ManifestName, new MemoryStream(json), cancellation).ConfigureAwait(false);
            var batch = new List<InputEntry>();
            long bytes = 0;
            foreach (InputEntry entry in manifest.Entries.Where(entry => entry.Kind == InputKind.File))
            {
                batch.Add(entry);
                bytes += entry.Length;
                if (batch.Count == BatchFiles || bytes >= BatchBytes)
                {
                    await AddAsync(writer, batch, cancellation).ConfigureAwait(false);
                    batch.Clear();
                    bytes = 0;
                }
            }

            await AddAsync(writer, batch, cancellation).ConfigureAwait(false);
        }
    }

    private async Task AddAsync(TarWriter writer, List<InputEntry> entries, CancellationToken cancellation)
    {
        string[] small = [.. entries.Where(entry => entry.Length <= InputStore.SmallBytes).Select(entry => entry.Hash!)];
        var contents = new Queue<byte[]>(await store.ReadSmallAsync(user, small).ConfigureAwait(false));
        foreach (InputEntry entry in entries)
        {
            Stream content = entry.Length <= InputStore.SmallBytes ? new MemoryStream(contents.Dequeue()) : store.OpenLarge(user, entry.Hash!);
            await AddAsync(writer, entry.Hash!, content, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task AddAsync(TarWriter writer, string name, Stream content, CancellationToken cancellation)
    {
        await using (content.ConfigureAwait(false))
        {
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content }, cancellation).ConfigureAwait(false);
        }
    }
}
