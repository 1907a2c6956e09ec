using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Drover.Agent.Keeper.Processes;

namespace Drover.Agent.Keeper;

/// <summary>
/// A control group with a limit of memory, for one attempt. Of the second version where its controller is delegated to
/// us, else of the first. Everything blocks for a moment.
/// </summary>
/// <remarks>
/// The process is moved in just after its start, not before, and with it what it has started by then: what they need in
/// their first fraction of a millisecond is counted outside. See cgroups(7), and the kernel's documentation of both versions.
/// </remarks>
internal sealed class MemoryGroup
{
    private readonly MemoryGroups _place;
    private readonly string _path;

    private MemoryGroup(MemoryGroups place, string path)
    {
        _place = place;
        _path = path;
    }

    /// <summary>Makes it, or finds that of a keeper that was killed.</summary>
    /// <exception cref="IOException">It cannot be made or limited.</exception>
    internal static MemoryGroup Make(MemoryGroups place, string runs, AttemptId attempt, long bytes)
    {
        MemoryGroup group = Of(place, runs, attempt);
        try
        {
            Directory.CreateDirectory(group._path);
            string limit = bytes.ToString(CultureInfo.InvariantCulture);
            if (place.IsSecond)
            {
                group.Write("memory.max", limit);
                group.TryWrite("memory.swap.max", "0"); // Otherwise it would swap instead of ending.
                group.TryWrite("memory.oom.group", "1");
            }
            else
            {
                group.Write("memory.limit_in_bytes", limit);
                group.TryWrite("memory.memsw.limit_in_bytes", limit);
            }

            return group;
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>The group of an attempt, which may not exist.</summary>
    internal static MemoryGroup Of(MemoryGroups place, string runs, AttemptId attempt)
    {
        string site = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(runs)).AsSpan(0, 6));
        return new MemoryGroup(place, Path.Combine(place.Parent, $"drover-{site}-{attempt}"));
    }

    /// <summary>
    /// Moves a process in, and what it has started meanwhile; what they start from now on is in it too. Looks again until
    /// there is nothing new: who was not yet moved may have started another.
    /// </summary>
    /// <exception cref="IOException">The process cannot be moved: it may have ended.</exception>
    internal void AddAll(int process)
    {
        Add(process);
        var moved = new HashSet<int> { process };
        bool foundMore = true;
        while (foundMore)
        {
            foundMore = false;
            ProcessTable table = ProcessTable.Read();
            foreach (ProcessEntry entry in table.All.Where(entry => entry.Lives && IsOf(process, entry, table) && moved.Add(entry.Id)))
            {
                foundMore = true;
                TryWrite("cgroup.procs", entry.Id.ToString(CultureInfo.InvariantCulture)); // It may have ended meanwhile.
            }
        }
    }

    /// <summary>How many of its processes the kernel has killed for want of memory.</summary>
    internal long Killed()
    {
        string? line = TryRead(_place.IsSecond ? "memory.events" : "memory.oom_control")?
            .Split('\n')
            .FirstOrDefault(line => line.StartsWith("oom_kill ", StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture, out long count) ? count : 0;
    }

    /// <summary>The processes in it.</summary>
    internal IReadOnlyList<int> Members() => [.. (TryRead("cgroup.procs") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => int.Parse(line, CultureInfo.InvariantCulture))];

    /// <summary>Removes it. False while there is still something in it.</summary>
    internal bool TryRemove() => Libc.rmdir(_path) == 0 || !Directory.Exists(_path);

    private void Add(int process) => Write("cgroup.procs", process.ToString(CultureInfo.InvariantCulture));

    private static bool IsOf(int main, ProcessEntry entry, ProcessTable table)
    {
        for (ProcessEntry each = entry; ;)
        {
            if (each.Group == main || each.Session == main || each.Parent == main)
            {
                return true;
            }

            if (!table.TryGet(each.Parent, out each))
            {
                return false;
            }
        }
    }

    private void Write(string file, string value)
    {
        try
        {
            File.WriteAllText(Path.Combine(_path, file), value);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private void TryWrite(string file, string value)
    {
        try
        {
            Write(file, value);
        }
        catch (IOException)
        {
            // Not every kernel has it; the limit holds without.
        }
    }

    private string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(_path, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
