using System.Globalization;

namespace Drover.Agent.Keeper.Processes;

/// <summary>All processes of this machine at one moment, as far as there is one: it takes a few milliseconds to read.</summary>
internal sealed class ProcessTable
{
    private readonly Dictionary<int, ProcessEntry> _entries;

    internal ProcessTable(IEnumerable<ProcessEntry> entries) => _entries = entries.ToDictionary(entry => entry.Id);

    internal IReadOnlyCollection<ProcessEntry> All => _entries.Values;

    /// <summary>Reads a file of /proc for each process.</summary>
    internal static ProcessTable Read() => new(Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            ? ProcessEntry.TryRead(id)
            : null)
        .OfType<ProcessEntry>());

    internal bool TryGet(int id, out ProcessEntry entry) => _entries.TryGetValue(id, out entry);
}
