using Drover.Agent.Drivers;

namespace Drover.Agent.Attempts;

/// <summary>
/// Removes run directories that the server does not need any more, some at a time. Belongs to the agent's loop; goes on
/// when the connection is gone, and the server asks again.
/// </summary>
/// <param name="driver">Removes them.</param>
/// <param name="isUsed">Whether an attempt or an op is in a run directory. Such a one stays; the server asks again.</param>
/// <param name="outbox">Takes what is gone.</param>
/// <param name="activity">Is told while there is something to remove.</param>
/// <param name="log">The agent's log.</param>
internal sealed class Purger(IDriver driver, Func<string, bool> isUsed, Outbox outbox, Activity activity, AgentLog log)
{
    private const int MostAtOnce = 50;
    private readonly HashSet<string> _wanted = [];
    private readonly HashSet<string> _going = [];
    private readonly Event _any = new("run directories to remove");

    /// <summary>Has run directories removed. Again: no more than once.</summary>
    internal void Add(IReadOnlyList<string> runDirectories)
    {
        foreach (string name in runDirectories)
        {
            if (_wanted.Add(name))
            {
                activity.Begin();
            }
        }

        _any.Set();
    }

    /// <summary>Whether a run directory is being removed: nothing may begin in it.</summary>
    internal bool IsRemoving(string runDirectory) => _going.Contains(runDirectory);

    /// <summary>Removes until canceled.</summary>
    internal async Task RunAsync()
    {
        while (true)
        {
            await _any.WaitAsync("run directories to remove");
            _any.Reset();
            while (_wanted.Count > 0)
            {
                await RemoveAsync([.. _wanted.Take(MostAtOnce)]);
            }
        }
    }

    private async Task RemoveAsync(IReadOnlyList<string> some)
    {
        try
        {
            _going.UnionWith(some.Where(name => !isUsed(name)));
            IReadOnlyList<string> gone = await driver.RemoveAsync([.. _going]);
            if (gone.Count > 0)
            {
                outbox.Say(new AgentMessage.Purged(gone));
            }

            log.Write($"{gone.Count} run directories were removed because their time is over; {some.Count - gone.Count} could not be.");
        }
        catch (Exception e) when (e is DriverException or IOException or UnauthorizedAccessException)
        {
            log.Write($"{some.Count} run directories stay: {e.Message}");
        }
        finally
        {
            _going.Clear();
            foreach (string name in some)
            {
                _wanted.Remove(name);
                activity.End();
            }
        }
    }
}
