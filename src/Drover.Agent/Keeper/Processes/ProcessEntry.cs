using System.Buffers.Text;
using System.Text;

namespace Drover.Agent.Keeper.Processes;

/// <summary>A process as <c>/proc/ID/stat</c> tells of it. The number and the start time together mean one process for ever (of this boot).</summary>
/// <param name="Id">Its number.</param>
/// <param name="State">As in proc(5).</param>
/// <param name="Parent">The number of its parent.</param>
/// <param name="Group">Its process group.</param>
/// <param name="Session">Its session.</param>
/// <param name="StartTicks">When it started, in clock ticks after the machine did.</param>
internal readonly record struct ProcessEntry(int Id, char State, int Parent, int Group, int Session, long StartTicks)
{
    private const int LongestStat = 1024;
    private const int StartField = 19; // Counted from the state, which is 0.

    /// <summary>Whether it runs: one that is dead and waits to be reaped does not.</summary>
    internal bool Lives => State is not ('Z' or 'X');

    /// <summary>Reads the entry of a process; null when there is none. Reads a file of /proc.</summary>
    internal static ProcessEntry? TryRead(int id)
    {
        Span<byte> stat = stackalloc byte[LongestStat];
        return ProcFile.TryRead($"/proc/{id}/stat", stat, out int length) ? Parse(id, stat[..length]) : null;
    }

    /// <summary>"pid (name) state parent group session …", and the name may hold anything.</summary>
    internal static ProcessEntry? Parse(int id, ReadOnlySpan<byte> stat)
    {
        int name = stat.LastIndexOf((byte)')');
        if (name < 0 || name + 2 >= stat.Length)
        {
            return null;
        }

        ReadOnlySpan<byte> rest = stat[(name + 2)..];
        char state = (char)rest[0];
        Span<long> numbers = stackalloc long[StartField];
        for (int i = 0; i < numbers.Length; i++)
        {
            int space = rest.IndexOf((byte)' ');
            if (space < 0)
            {
                return null;
            }

            rest = rest[(space + 1)..];
            if (!Utf8Parser.TryParse(rest, out numbers[i], out _))
            {
                return null;
            }
        }

        return new ProcessEntry(id, state, (int)numbers[0], (int)numbers[1], (int)numbers[2], numbers[StartField - 1]);
    }

    /// <inheritdoc/>
    public override string ToString() => new StringBuilder().Append("process ").Append(Id).ToString();
}
