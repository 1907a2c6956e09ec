using System.Globalization;
using System.IO.Pipes;
using System.Text;
using Drover.Agent.Keeper;

namespace Drover.Agent.Drivers.Process;

/// <summary>
/// Ends a command when the agent is killed and can do so no more: a shell beside it that reads from the agent, sees the
/// end of that, and kills the command's process group and what else carries its stamp. The kernel's own way,
/// PR_SET_PDEATHSIG, reaches only one process, and fires when the thread ends that started it.
/// </summary>
internal static class ExecGuard
{
    /// <summary>The group's number; a line when the group is gone, and one when all is; or the end of the input before.</summary>
    private const string Script = """
        read -r group || exit 0
        read -r gone || kill -s KILL -- "-$group" 2>/dev/null
        read -r over && exit 0
        for again in 1 2 3; do # What forks while it is looked for is found the next time.
            grep -lzxF "$1" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ process _; do
                kill -s KILL "$process" 2>/dev/null
            done
        done
        """;

    /// <summary>Runs a command as <see cref="Subprocess.RunAsync{T}(ProcessSpec, Func{Subprocess, Task{T}})"/> does, guarded from its start on.</summary>
    /// <exception cref="ProcessStartException">It, or the shell, could not be started.</exception>
    internal static async Task<T> RunAsync<T>(ProcessSpec spec, ExecStamp stamp, Func<Subprocess, Task<T>> body)
    {
        // Not a pipe of the loop's: the group is told by the thread that starts the command, in the same breath.
        using var line = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        var shell = new ProcessSpec("/bin/sh", "-c", Script, "guard", $"{ExecStamp.Variable}={stamp.Value}")
        {
            InheritsEnvironment = false,
            Environment = AgentEnvironment.Read().ToDictionary(v => v.Key, string? (v) => v.Value),
            WorkingDirectory = "/",
            Input = InputSource.File($"/proc/self/fd/{line.ClientSafePipeHandle.DangerousGetHandle()}"),
            Output = OutputTarget.File("/dev/null"),
            Error = OutputTarget.File("/dev/null"),
            NewSession = true,
            StopGrace = TimeSpan.Zero,
        };
        return await Subprocess.RunAsync(shell, async _ =>
        {
            line.DisposeLocalCopyOfClientHandle();
            try
            {
                return await Subprocess.RunAsync(
                    spec with { AfterStart = group => Say(line, group.ToString(CultureInfo.InvariantCulture)) }, body);
            }
            finally
            {
                Say(line, "gone"); // Its number may become another's.
                await CancelScope.ShieldAsync(Timeout.InfiniteTimeSpan, () => stamp.SweepAsync(spec.StopGrace), "end what a command left behind");
                Say(line, "over");
            }
        });
    }

    /// <summary>Never blocks: the few bytes fit into the pipe.</summary>
    private static void Say(AnonymousPipeServerStream line, string what)
    {
        try
        {
            line.Write(Encoding.ASCII.GetBytes(what + '\n'));
        }
        catch (IOException)
        {
            // Somebody killed the guard. The command need not end for that.
        }
    }
}
