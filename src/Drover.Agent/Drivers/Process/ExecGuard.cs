using System.Globalization;
using Drover.Agent.Keeper;

namespace Drover.Agent.Drivers.Process;

/// <summary>
/// Ends a command when the agent is killed and can do so no more: a shell beside it that reads from the agent, sees the
/// end of that, and kills the command's process group. The kernel's own way, PR_SET_PDEATHSIG, reaches only one process,
/// and fires when the thread ends that started it.
/// </summary>
internal static class ExecGuard
{
    /// <summary>The group's number, then nothing until all is over: a second line, or the end of the input.</summary>
    private const string Script = """read -r group || exit 0; read -r over || kill -s KILL -- "-$group" 2>/dev/null""";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>Runs a command as <see cref="Subprocess.RunAsync{T}(ProcessSpec, Func{Subprocess, Task{T}})"/> does, guarded from its start on.</summary>
    /// <exception cref="ProcessStartException">It, or the shell, could not be started.</exception>
    internal static Task<T> RunAsync<T>(ProcessSpec spec, Func<Subprocess, Task<T>> body)
    {
        var shell = new ProcessSpec("/bin/sh", "-c", Script)
        {
            InheritsEnvironment = false,
            Environment = AgentEnvironment.Read().ToDictionary(v => v.Key, string? (v) => v.Value),
            WorkingDirectory = "/",
            Input = InputSource.Pipe,
            Output = OutputTarget.File("/dev/null"),
            Error = OutputTarget.File("/dev/null"),
            NewSession = true,
            StopGrace = TimeSpan.Zero,
        };
        return Subprocess.RunAsync(shell, async guard =>
        {
            try
            {
                return await Subprocess.RunAsync(spec, async command =>
                {
                    await SayAsync(guard, command.Id.ToString(CultureInfo.InvariantCulture));
                    return await body(command);
                });
            }
            finally
            {
                // The group is gone, and its number may become another's.
                await CancelScope.ShieldAsync(s_patience, () => SayAsync(guard, "over"), "tell the guard");
            }
        });
    }

    private static async Task SayAsync(Subprocess guard, string line)
    {
        try
        {
            await guard.Input.WriteLineAsync(line);
        }
        catch (IOException)
        {
            // Somebody killed the guard. The command need not end for that.
        }
    }
}
