using System.Runtime.InteropServices;
using System.Text;
using Drover.Agent.Connections;
using Drover.Agent.Drivers;

namespace Drover.Agent;

/// <summary>The agent as a program: <c>drover agent</c>.</summary>
public static class AgentProgram
{
    /// <summary>The environment variable that the token is taken from. It is not passed on to jobs.</summary>
    public const string TokenVariable = "DROVER_AGENT_TOKEN";

    /// <summary>
    /// Runs an agent on the calling thread until it is not needed any more, or until SIGTERM, SIGINT or SIGHUP. What runs
    /// goes on without it. Writes its log to the standard error stream. Blocks.
    /// </summary>
    /// <param name="options">What it is told.</param>
    /// <param name="makeDriver">Makes its driver, in a locked folder; called on the agent's loop.</param>
    /// <returns>The exit code, as in <see cref="AgentExit"/>.</returns>
    internal static int Run(AgentOptions options, Func<string, IDriver> makeDriver)
    {
        var log = new AgentLog(
            Console.Error, TimeProvider.System, options.Name, Environment.GetEnvironmentVariable(AgentLog.FormatVariable) == "json");
        try
        {
            if (options.Token is { Length: > 0 } typed)
            {
                CommandLine.Overwrite(typed, new string('*', Encoding.UTF8.GetByteCount(typed)));
            }

            options = WithToken(options);
            if (options.FindMistake() is { } mistake)
            {
                throw new AgentException(mistake);
            }

            using AgentFolder folder = AgentFolder.Open(options.Folder);
            AgentEnd end = EventLoop.Run(() => RunUntilSignalAsync(options, folder, makeDriver, log), new EventLoopOptions { Name = "agent" });
            log.Write($"The agent ends. {end.Message}");
            return (int)end.Exit;
        }
        catch (Exception e) when (e is AgentException or DriverException)
        {
            log.Write($"The agent cannot start: {e.Message}");
            return (int)AgentExit.CannotStart;
        }
    }

    /// <summary>Runs an agent on the current loop, in a folder that is locked.</summary>
    internal static async Task<AgentEnd> RunAsync(
        AgentOptions options, AgentFolder folder, Func<string, IDriver> makeDriver, AgentLog log)
    {
        await using IDriver driver = makeDriver(folder.Path);
        log.Write($"The agent begins: process {Environment.ProcessId}, folder {folder.Path}, server {options.Server}.");
        return await new AgentLoop(options, folder.Id, driver, new WebSocketTransport(new ServerAddress(options)), log).RunAsync();
    }

    /// <summary>Takes the token from the environment, and out of it: what is started here must not have it.</summary>
    internal static AgentOptions WithToken(AgentOptions options)
    {
        string? token = Environment.GetEnvironmentVariable(TokenVariable);
        Environment.SetEnvironmentVariable(TokenVariable, null);
        return options.Token is null && options.TokenFile is null ? options with { Token = token } : options;
    }

    private static async Task<AgentEnd> RunUntilSignalAsync(
        AgentOptions options, AgentFolder folder, Func<string, IDriver> makeDriver, AgentLog log)
    {
        string? signal = null;
        Outcome<AgentEnd> outcome = await CancelScope.RunAsync(async scope =>
        {
            using var open = EventLoop.Current.HoldOpen("for signals");
            using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
            using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
            using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);
            return await RunAsync(options, folder, makeDriver, log);

            void Cancel(PosixSignalContext context)
            {
                context.Cancel = true; // Not the runtime ends the process: we do, in good order.
                signal ??= context.Signal.ToString();
                scope.Cancel(signal);
            }
        });
        return outcome.TryGetValue(out AgentEnd? end)
            ? end
            : new AgentEnd(AgentExit.Done, $"It received {signal}. Jobs that run go on, and the next agent finds them.");
    }
}
