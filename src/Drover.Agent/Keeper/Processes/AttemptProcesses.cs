using System.Collections.Concurrent;

namespace Drover.Agent.Keeper.Processes;

/// <summary>
/// Finds the processes of an attempt, wherever they went: its session and group, their descendants, and those that were
/// orphaned and have come to the keeper, by the stamp in their environment; and all in its control group, if it has one. The methods block for a moment and may be
/// called on any thread.
/// </summary>
/// <remarks>
/// What cannot be found is a process that has left the session, lost its parent and cleared its environment, all of it
/// before the keeper has looked: while other attempts run nobody can tell whose it is. It is found, and ended, with the
/// last of those. When the keeper was killed it is nobody's, and goes on.
/// </remarks>
/// <param name="runs">The folder of the run directories.</param>
internal sealed class AttemptProcesses(string runs)
{
    private const int MaxChildren = 1 << 16;
    private const int MaxStamps = 4096;
    private static readonly string s_ownChildren = $"/proc/self/task/{Environment.ProcessId}/children";
    private static readonly bool s_listsChildren = File.Exists(s_ownChildren);
    private readonly ConcurrentDictionary<int, AttemptId> _mains = new();
    private readonly ConcurrentDictionary<(int Id, long StartTicks), Stamp?> _stamps = new();

    /// <summary>The keeper's child <paramref name="process"/> is the first process of an attempt. Before anybody looks for others.</summary>
    internal void AddMain(int process, AttemptId attempt) => _mains[process] = attempt;

    /// <summary>That process has been reaped. Its number may be that of another attempt's first process by now, which stays.</summary>
    internal void RemoveMain(int process, AttemptId attempt) => _mains.TryRemove(new KeyValuePair<int, AttemptId>(process, attempt));

    /// <summary>
    /// Whether something of the attempt, whose first process was the keeper's child and has ended, may still live. Cheap:
    /// what it left behind has come to the keeper, and the kernel lists the keeper's children (orphans under its first
    /// thread). On the way dead orphans are reaped.
    /// </summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="isLast">Whether no other attempt runs: then orphans that nobody else claims are its own.</param>
    internal bool MayHaveLeft(KeptAttempt attempt, bool isLast)
    {
        Span<byte> children = stackalloc byte[4096];
        if (!ProcFile.TryRead(s_ownChildren, children, out int length))
        {
            return !s_listsChildren || attempt.MemoryGroup?.Members().Count > 0; // No children; or a kernel that does not list them.
        }

        if (length == children.Length)
        {
            return true; // Too many to see all: look properly.
        }

        bool mayHave = attempt.MemoryGroup?.Members().Count > 0;
        foreach (int child in Numbers(children[..length]))
        {
            mayHave |= !_mains.ContainsKey(child)
                && !Reap(child)
                && ProcessEntry.TryRead(child) is { } entry
                && Owns(attempt, entry, isLast);
        }

        return mayHave;
    }

    /// <summary>Reaps dead orphans, whoever's they were.</summary>
    internal void ReapOrphans()
    {
        byte[] children = new byte[MaxChildren];
        if (ProcFile.TryRead(s_ownChildren, children, out int length))
        {
            foreach (int child in Numbers(children.AsSpan(0, length)))
            {
                _ = !_mains.ContainsKey(child) && Reap(child);
            }
        }
    }

    /// <summary>The living processes of the attempt in the table; they are remembered as its own.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="table">All processes.</param>
    /// <param name="isOwn">Whether its first process is the keeper's child; otherwise the keeper before was killed.</param>
    /// <param name="isLast">Whether no other attempt runs: then orphans that nobody else claims are its own.</param>
    internal IReadOnlyList<ProcessEntry> Find(KeptAttempt attempt, ProcessTable table, bool isOwn, bool isLast)
    {
        HashSet<int>? orphans = isOwn ? Orphans() : null;
        HashSet<int> grouped = [.. attempt.MemoryGroup?.Members() ?? []];
        var belongs = new Dictionary<int, bool>();
        var found = new List<ProcessEntry>();
        foreach (ProcessEntry entry in table.All)
        {
            if (Belongs(entry) && entry.Lives)
            {
                found.Add(entry);
            }
        }

        lock (attempt.Seen)
        {
            attempt.Seen.UnionWith(found.Select(entry => (entry.Id, entry.StartTicks)));
        }

        return found;

        bool Belongs(ProcessEntry entry)
        {
            if (belongs.TryGetValue(entry.Id, out bool known))
            {
                return known;
            }

            belongs[entry.Id] = false; // Ends a circle, which a table that took a while to read may have.
            return belongs[entry.Id] = entry.Id > 1
                && entry.Id != Environment.ProcessId
                && (IsKnown(attempt, table, entry)
                    || grouped.Contains(entry.Id)
                    || (table.TryGet(entry.Parent, out ProcessEntry parent) && Belongs(parent))
                    || ((orphans?.Contains(entry.Id) ?? true) && Owns(attempt, entry, isOwn && isLast)));
        }
    }

    private static bool IsKnown(KeptAttempt attempt, ProcessTable table, ProcessEntry entry)
    {
        lock (attempt.Seen)
        {
            if (attempt.Seen.Contains((entry.Id, entry.StartTicks)))
            {
                return true;
            }
        }

        // A number that is some process's group or session is not given away. So these are its own as long as its first
        // process is there, dead or alive.
        return attempt.Started is { } main
            && (entry.Session == main.ProcessId || entry.Group == main.ProcessId)
            && table.TryGet(main.ProcessId, out ProcessEntry leader)
            && leader.StartTicks == main.StartTicks;
    }

    /// <summary>
    /// The keeper's children that are nobody's first process. A process that is just being started is not among them: it
    /// is listed under the thread that starts it. Null when the kernel does not list children: then anybody may be one.
    /// </summary>
    private HashSet<int>? Orphans()
    {
        byte[] children = new byte[MaxChildren];
        return ProcFile.TryRead(s_ownChildren, children, out int length) || s_listsChildren
            ? [.. Numbers(children.AsSpan(0, length)).Where(child => !_mains.ContainsKey(child))]
            : null;
    }

    private bool Owns(KeptAttempt attempt, ProcessEntry entry, bool isLast)
    {
        if (attempt.Started is { } main && entry.StartTicks < main.StartTicks)
        {
            return false;
        }

        if (_stamps.Count > MaxStamps)
        {
            _stamps.Clear();
        }

        Stamp? stamp = _stamps.GetOrAdd((entry.Id, entry.StartTicks), static process => Stamp.TryRead(process.Id));
        return stamp is null || !stamp.RunDirectory.StartsWith(runs + '/', StringComparison.Ordinal)
            ? isLast
            : stamp.Attempt == attempt.Id.ToString() && stamp.RunDirectory == Path.Combine(runs, attempt.RunDirectory);
    }

    private static unsafe bool Reap(int child) => Libc.waitpid(child, null, Libc.WNOHANG) == child;

    private static List<int> Numbers(ReadOnlySpan<byte> text)
    {
        var numbers = new List<int>();
        while (System.Buffers.Text.Utf8Parser.TryParse(text, out int number, out int length))
        {
            numbers.Add(number);
            text = text[length..].TrimStart((byte)' ');
        }

        return numbers;
    }
}
