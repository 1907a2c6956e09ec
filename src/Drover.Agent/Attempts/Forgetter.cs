using Drover.Agent.Drivers;

namespace Drover.Agent.Attempts;

/// <summary>Drops the records of attempts whose end the server has on its disk, many at once.</summary>
/// <param name="driver">Has the records.</param>
/// <param name="log">The agent's log.</param>
internal sealed class Forgetter(IDriver driver, AgentLog log)
{
    /// <summary>So long they are gathered: a record more costs nothing, a call for each does.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(200);
    private readonly HashSet<AttemptId> _settled = [];
    private readonly Event _any = new("settled attempts");

    /// <summary>Has a record dropped soon.</summary>
    internal void Add(AttemptId attempt)
    {
        _settled.Add(attempt);
        _any.Set();
    }

    /// <summary>Keeps a record after all, because the server speaks of the attempt again.</summary>
    internal void Keep(AttemptId attempt) => _settled.Remove(attempt);

    /// <summary>Drops records until canceled.</summary>
    internal async Task RunAsync()
    {
        while (true)
        {
            await _any.WaitAsync("attempts to forget");
            await Coroutine.SleepAsync(s_gather, "more attempts to forget");
            await FlushAsync();
        }
    }

    /// <summary>Drops what was gathered. What cannot be dropped is reported again by the next agent, which does no harm.</summary>
    internal async Task FlushAsync()
    {
        AttemptId[] attempts = [.. _settled];
        _settled.Clear();
        _any.Reset();
        if (attempts.Length == 0)
        {
            return;
        }

        try
        {
            await driver.ForgetAsync(attempts);
        }
        catch (DriverException e)
        {
            log.Write($"{attempts.Length} records of ended attempts stay: {e.Message}");
        }
    }
}
