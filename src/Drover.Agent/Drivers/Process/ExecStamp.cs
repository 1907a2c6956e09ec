using System.Security.Cryptography;
using System.Text;
using Drover.Agent.Keeper;
using Drover.Agent.Keeper.Processes;

namespace Drover.Agent.Drivers.Process;

/// <summary>
/// What every process of a command carries in its environment, so that those are found that left its group. One that has
/// left the group and cleared its environment is not.
/// </summary>
internal sealed class ExecStamp
{
    /// <summary>Its variable.</summary>
    internal const string Variable = "DROVER_EXEC";

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(100);

    /// <summary>What lives so long after SIGKILL hangs in the kernel, and is left alone.</summary>
    private static readonly TimeSpan s_dyingTakes = TimeSpan.FromSeconds(10);

    private readonly byte[] _variable;
    private readonly TimeSpan _made = BootClock.Now;

    internal ExecStamp()
    {
        Value = RandomNumberGenerator.GetHexString(32, lowercase: true);
        _variable = Encoding.UTF8.GetBytes($"{Variable}={Value}");
    }

    /// <summary>The variable's value, which no other command has.</summary>
    internal string Value { get; }

    /// <summary>Ends what carries it: SIGTERM, and SIGKILL after the grace. Nearly always there is nothing.</summary>
    internal async Task SweepAsync(TimeSpan grace)
    {
        TimeSpan killAt = BootClock.Now + grace;
        TimeSpan pause = s_firstPause;
        var asked = new HashSet<(int Id, long StartTicks)>();
        while (await Blocking.RunAsync(Find, situation: "look for what a command left behind") is { Count: > 0 } rest && BootClock.Now < killAt + s_dyingTakes)
        {
            foreach (ProcessEntry process in rest)
            {
                if (BootClock.Now >= killAt)
                {
                    _ = Libc.kill(process.Id, Libc.SIGKILL);
                }
                else if (asked.Add((process.Id, process.StartTicks)))
                {
                    _ = Libc.kill(process.Id, Libc.SIGTERM);
                    _ = Libc.kill(process.Id, Libc.SIGCONT); // A stopped process would see the SIGTERM only when it goes on.
                }
            }

            await Coroutine.SleepAsync(pause, "the end of what a command left behind");
            pause = 1.5 * pause < s_longestPause ? 1.5 * pause : s_longestPause; // Each look reads all of /proc.
        }
    }

    /// <summary>Blocks. What is older than the stamp need not be asked.</summary>
    private List<ProcessEntry> Find()
    {
        TimeSpan age = BootClock.Now - _made + TimeSpan.FromSeconds(1); // Start times are told in hundredths.
        return [.. ProcessTable.Read().All.Where(process => process.Lives && BootClock.Since(process.StartTicks) < age && IsOn(process.Id))];
    }

    private bool IsOn(int process)
    {
        ReadOnlySpan<byte> environment = Stamp.TryReadEnvironment(process);
        foreach (Range range in environment.Split((byte)0))
        {
            if (environment[range].SequenceEqual(_variable))
            {
                return true;
            }
        }

        return false;
    }
}
