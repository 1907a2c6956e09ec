using System.Collections.Concurrent;
using System.Text.Json;
using Drover.Protocol.Files;
using Drover.Server.Supervision;

namespace Drover.Server.Inputs;

/// <summary>Looks at the inputs of jobs before they are accepted. Any thread.</summary>
internal sealed class InputManifests(InputStore store, TimeProvider time)
{
    /// <summary>So long what was right stays right: contents live for days after they were used.</summary>
    private static readonly TimeSpan s_goodFor = TimeSpan.FromMinutes(10);
    private const int MostRemembered = 1000;

    private readonly ConcurrentDictionary<(string User, string Hash), DateTimeOffset> _checked = new();

    /// <summary>Sees that the inputs of jobs are there and can be laid out.</summary>
    /// <exception cref="RequestRefusedException">They cannot.</exception>
    internal async Task CheckAsync(string user, IEnumerable<JobSpec> specs)
    {
        foreach (string hash in specs.Select(spec => spec?.Inputs).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            DateTimeOffset now = time.GetUtcNow();
            if (_checked.TryGetValue((user, hash), out DateTimeOffset at) && now - at < s_goodFor)
            {
                continue;
            }

            await CheckAsync(user, hash).ConfigureAwait(false);
            if (_checked.Count >= MostRemembered)
            {
                _checked.Clear();
            }

            _checked[(user, hash)] = now;
        }
    }

    /// <summary>The manifest with this hash, as it was uploaded; null when there is none.</summary>
    internal async Task<(InputManifest Manifest, byte[] Json)?> ReadAsync(string user, string hash) =>
        InputRules.IsHash(hash) && await store.ReadAsync(user, hash, InputRules.MaxManifestBytes).ConfigureAwait(false) is { } json
            ? (Parse(hash, json), json)
            : null;

    /// <summary>Everything that jobs need of the store: the manifests and what they name.</summary>
    internal async Task<HashSet<(string User, string Hash)>> NeededAsync(IEnumerable<(string User, string Hash)> manifests)
    {
        var needed = new HashSet<(string, string)>();
        foreach ((string user, string hash) in manifests.Distinct())
        {
            needed.Add((user, hash));
            if (await ReadAsync(user, hash).ConfigureAwait(false) is { } read)
            {
                needed.UnionWith(Contents(read.Manifest).Select(content => (user, content.Hash!)));
            }
        }

        return needed;
    }

    private async Task CheckAsync(string user, string hash)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding); // Not on the supervision loop: it may be long.
        if (!InputRules.IsHash(hash))
        {
            throw RequestRefusedException.Bad("'inputs' is the SHA-256 of a manifest that was uploaded, as 64 hexadecimal digits in lower case.");
        }

        if (await ReadAsync(user, hash).ConfigureAwait(false) is not { } read)
        {
            throw NoInputs(hash);
        }

        if (InputRules.FindFault(read.Manifest) is { } fault)
        {
            throw RequestRefusedException.Bad(fault);
        }

        InputEntry[] contents = [.. Contents(read.Manifest)];

        // What is accepted is never lost: only what is on the disk counts.
        KnownContent?[] stored = await store.UseStoredAsync(user, [.. contents.Select(entry => entry.Hash!), hash]).ConfigureAwait(false);
        if (stored[^1] is null)
        {
            throw NoInputs(hash);
        }

        for (int i = 0; i < contents.Length; i++)
        {
            if (stored[i] is not { } content || (content.IsLarge && !store.HasLarge(user, contents[i].Hash!)))
            {
                throw RequestRefusedException.InputsMissing($"The content of the input {InputRules.Show(contents[i].Path)} ({contents[i].Hash}) has not been uploaded.");
            }

            if (content.Length != contents[i].Length)
            {
                throw RequestRefusedException.Bad($"The input {InputRules.Show(contents[i].Path)} is said to have {contents[i].Length} bytes, and its content has {content.Length}.");
            }
        }
    }

    private static RequestRefusedException NoInputs(string hash) => RequestRefusedException.InputsMissing(
        $"There are no inputs {hash}: upload them, or upload them again; they are removed when no job has used them for days.");

    private static IEnumerable<InputEntry> Contents(InputManifest manifest) => manifest.Entries.Where(entry => entry is { Kind: InputKind.File });

    private static InputManifest Parse(string hash, byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ProtocolJson.Default.InputManifest) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw RequestRefusedException.Bad($"The content {hash} is no list of inputs: {e.Message}");
        }
    }
}
