using Drover.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Supervision;

/// <summary>
/// Starts the agent of this machine when a job needs it and it is not there. The agent is nobody's child: it outlives the
/// server. Belongs to the supervision loop.
/// </summary>
/// <param name="agent">Which agent.</param>
/// <param name="start">Starts its process, which lives on by itself, and tells its number.</param>
/// <param name="logFile">Where its process writes what it has to say.</param>
/// <param name="log">For the server's log.</param>
internal sealed partial class LocalAgent(KnownAgent agent, Func<Task<int>> start, string logFile, ILogger log)
{
    private static readonly TimeSpan s_connectsWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(10);
    private const string Starting = "starting the agent of this machine";
    private const string NotNeeded = "not running; it is started when a job needs it";

    private readonly Event _wanted = new("somebody needs the agent of this machine");
    private int? _started;

    /// <summary>What looked like it did not connect. It may be another program with its number; if it is not, a second one ends at once.</summary>
    private bool _isInDoubt;

    /// <summary>What it is doing or what keeps it from starting, in words.</summary>
    internal string Situation { get; private set; } = NotNeeded;

    /// <summary>Somebody needs it.</summary>
    internal void Want() => _wanted.Set();

    /// <summary>Starts the agent whenever it is wanted and not there, until the scope is canceled.</summary>
    internal async Task RunAsync()
    {
        TimeSpan pause = s_firstPause;
        while (true)
        {
            await _wanted.WaitAsync("somebody who needs the agent of this machine");
            _wanted.Reset();
            Situation = Starting;
            if (agent.Connection is not null || await TryStartAsync())
            {
                pause = s_firstPause;
                continue;
            }

            await Coroutine.SleepAsync(pause, "before the agent is started again");
            pause = 2 * pause < s_longestPause ? 2 * pause : s_longestPause;
            _wanted.Set();
        }
    }

    private async Task<bool> TryStartAsync()
    {
        try
        {
            if (_isInDoubt || !await Blocking.RunAsync(IsAlive))
            {
                LogStarting();
                _started = await start();
            }
        }
        catch (Exception e) when (e is ProcessStartException or StorageException or IOException or UnauthorizedAccessException)
        {
            Situation = $"the agent of this machine cannot be started: {e.Message}";
            LogFailed(e.Message);
            return false;
        }

        bool isReady = await BecomesReadyAsync();
        _isInDoubt = !isReady;
        Situation = isReady ? NotNeeded : $"the agent of this machine does not connect; it says why in {logFile}";
        return isReady;
    }

    /// <summary>Whether it connects in time. One that is gone is not waited for.</summary>
    private async Task<bool> BecomesReadyAsync()
    {
        Outcome<bool> ready = await CancelScope.MoveOnAfterAsync(
            s_connectsWithin,
            async () =>
            {
                while (true)
                {
                    Outcome<AgentSession> session = await CancelScope.MoveOnAfterAsync(s_look, agent.ReadyAsync, "connection of the local agent");
                    if (session.HasValue || !await Blocking.RunAsync(IsAlive))
                    {
                        return session.HasValue;
                    }
                }
            },
            "start of the local agent");
        return ready.GetValueOr(false);
    }

    /// <summary>Whether the one that was started or connected last runs: it connects by itself.</summary>
    private bool IsAlive() => IsAgent(_started) || IsAgent(agent.Row.ProcessId);

    private static bool IsAgent(int? process)
    {
        try
        {
            return process is { } id
                && File.ReadAllText($"/proc/{id}/cmdline").Split('\0').Contains("agent")
                && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Starting the agent of this machine")]
    private partial void LogStarting();

    [LoggerMessage(LogLevel.Error, "The agent of this machine cannot be started: {Reason}")]
    private partial void LogFailed(string reason);
}
