using System.Globalization;

namespace Drover.Coroutines;

/// <summary>The processes of a group as /proc shows them: for what a leader that has ended left behind. Reads files, which blocks.</summary>
internal static class GroupMembers
{
    private const int StateField = 0;
    private const int GroupField = 2;

    /// <summary>Whether a process of the group other than its leader lives; a dead one that is not reaped yet does not.</summary>
    internal static bool AnyLives(int group) => Living(group).Count > 0;

    /// <summary>Signals each of them, for kernels that cannot signal the group itself once its leader is gone.</summary>
    internal static bool Signal(int group, int signal)
    {
        bool isSent = false;
        foreach (int member in Living(group))
        {
            isSent |= Libc.kill(member, signal) == 0;
        }

        return isSent;
    }

    private static List<int> Living(int group)
    {
        var members = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                || !IsLivingMember(folder, group))
            {
                continue;
            }

            if (pid == group)
            {
                return []; // The leader was reaped, so this is another's: the number is taken anew, and ours is empty.
            }

            members.Add(pid);
        }

        return members;
    }

    private static bool IsLivingMember(string folder, int group)
    {
        try
        {
            // "pid (name) state parent group …", and the name may hold anything.
            string stat = File.ReadAllText(Path.Combine(folder, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', GroupField + 2);
            return fields[StateField] is not ("Z" or "X")
                && int.Parse(fields[GroupField], CultureInfo.InvariantCulture) == group;
        }
        catch (IOException)
        {
            return false; // It has ended meanwhile.
        }
    }
}
