namespace Drover.Agent.Keeper;

/// <summary>Where control groups with a limit of memory can be made.</summary>
/// <param name="Parent">The folder that they are made in.</param>
/// <param name="IsSecond">Whether they are of the second version.</param>
internal sealed record MemoryGroups(string Parent, bool IsSecond)
{
    /// <summary>
    /// Looks for a place: null when this process may not make any. It has to be in the group that this process is in, or
    /// beside it. Reads and writes files under /sys, which blocks for a moment.
    /// </summary>
    internal static MemoryGroups? Find()
    {
        try
        {
            string[] mounts = File.ReadAllLines("/proc/self/mounts");
            string[] own = File.ReadAllLines("/proc/self/cgroup");
            return Candidates(mounts, own).FirstOrDefault(IsUsable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>From the lines of /proc/self/mounts and /proc/self/cgroup.</summary>
    internal static IEnumerable<MemoryGroups> Candidates(IEnumerable<string> mounts, IEnumerable<string> own)
    {
        string[][] groups = [.. own.Select(line => line.Split(':', 3)).Where(fields => fields.Length == 3)];
        foreach (string[] mount in mounts.Select(line => line.Split(' ')).Where(fields => fields.Length > 3).OrderByDescending(fields => fields[2]))
        {
            bool isSecond = mount[2] == "cgroup2";
            if (!isSecond && (mount[2] != "cgroup" || !mount[3].Split(',').Contains("memory")))
            {
                continue;
            }

            string? path = groups.FirstOrDefault(group => isSecond ? group[0] == "0" : group[1].Split(',').Contains("memory"))?[2];
            for (; path is not null; path = isSecond && path != "/" ? Path.GetDirectoryName(path) : null)
            {
                // The second version allows no group with both processes and limited groups: then it is one above.
                yield return new MemoryGroups(mount[1] + path.TrimEnd('/'), isSecond);
            }
        }
    }

    private static bool IsUsable(MemoryGroups place)
    {
        string probe = Path.Combine(place.Parent, $"drover-probe-{Environment.ProcessId}");
        if (Libc.mkdir(probe, 0x1ED) != 0)
        {
            return false;
        }

        bool isUsable = File.Exists(Path.Combine(probe, place.IsSecond ? "memory.max" : "memory.limit_in_bytes"));
        _ = Libc.rmdir(probe);
        return isUsable;
    }
}
