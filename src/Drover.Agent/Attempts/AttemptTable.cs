using Drover.Agent.Drivers;

namespace Drover.Agent.Attempts;

/// <summary>
/// The attempts of an agent. Orders are taken without waiting: when a method returns, the attempt is in the table, and
/// its coroutine does the rest. Belongs to the agent's loop.
/// </summary>
/// <param name="site">What they share.</param>
/// <param name="group">Owns their coroutines.</param>
/// <param name="activity">Is told while there are any.</param>
internal sealed class AttemptTable(Site site, TaskGroup group, Activity activity)
{
    private readonly Dictionary<AttemptId, Attempt> _attempts = [];
    private string? _refusal;
    private long _lastPlace;

    /// <summary>How many have not ended.</summary>
    internal int Running => _attempts.Values.Count(attempt => !attempt.Over.IsSet);

    /// <summary>All that there are records of.</summary>
    internal IReadOnlyCollection<AttemptId> Known => _attempts.Keys;

    /// <summary>The attempt, or null when it is over and settled, or never was.</summary>
    internal Attempt? Find(AttemptId id) => _attempts.GetValueOrDefault(id);

    /// <summary>Whether an attempt that has not ended uses a run directory.</summary>
    internal bool Uses(string runDirectory) => _attempts.Values.Any(attempt => !attempt.Over.IsSet && attempt.RunDirectory == runDirectory);

    /// <summary>From now on new attempts are refused.</summary>
    internal void Close(string why) => _refusal ??= why;

    /// <summary>Takes in what there are records of.</summary>
    internal void Recover(IReadOnlyList<AttemptRecord> records)
    {
        foreach (AttemptRecord record in records)
        {
            site.Log.Write(record.Attempt, record.End is null ? "is found running" : "is found ended");
            Begin(
                record.Attempt,
                record.RunDirectory,
                record is { ProcessId: null, End: null } ? _ => site.Driver.StartedAsync(record.Attempt) : _ => Task.FromResult(record));
        }
    }

    /// <summary>Starts an attempt. For one that is known, the server is told again what became of it.</summary>
    internal void Run(RunOrder order)
    {
        if (_attempts.TryGetValue(order.Attempt, out Attempt? known))
        {
            known.TellAgain();
        }
        else if (_refusal is { } why)
        {
            Begin(order.Attempt, order.RunDirectory, _ => Task.FromResult(Refused(order, why)));
        }
        else
        {
            site.Log.Write(order.Attempt, "starts");
            Begin(
                order.Attempt,
                order.RunDirectory,
                Earlier(order) is { } earlier ? attempt => StartAfterAsync(earlier, attempt, order) : attempt => attempt.StartAsync(order));
        }
    }

    /// <summary>Stops an attempt. One that is not known can never be started after it, and ends as canceled.</summary>
    internal void Stop(AttemptId id, StopOrder order)
    {
        if (_attempts.TryGetValue(id, out Attempt? known))
        {
            group.Start(() => known.StopAsync(order), $"stop of {id}");
        }
        else
        {
            Begin(id, "", async _ =>
            {
                await site.Driver.StopAsync(id, order);
                return new AttemptRecord { Attempt = id, RunDirectory = "" };
            });
        }
    }

    /// <summary>Waits until all have ended, whether the server knows it or not.</summary>
    internal async Task WaitForEndsAsync()
    {
        while (_attempts.Values.FirstOrDefault(attempt => !attempt.Over.IsSet) is { } running)
        {
            await running.Over.WaitAsync($"the end of {Running} attempts, {running.Id} first");
        }
    }

    /// <summary>
    /// What must end before an attempt may be started: another of the same job, which runs although the server takes it for
    /// over; or one of another job in the same run directory, which was here before.
    /// </summary>
    private Attempt? Earlier(RunOrder order)
    {
        AttemptId id = order.Attempt;
        for (int number = id.Number - 1; number > 0; number--)
        {
            if (_attempts.TryGetValue(new AttemptId(id.Job, number), out Attempt? attempt) && !attempt.Over.IsSet)
            {
                return attempt;
            }
        }

        long place = _attempts.GetValueOrDefault(id)?.Place ?? long.MaxValue;
        return order.RunDirectory.Length == 0 ? null : _attempts.Values.FirstOrDefault(other =>
            other.RunDirectory == order.RunDirectory && other.Id.Job != id.Job && other.Place < place && !other.Over.IsSet);
    }

    /// <summary>
    /// Never two of a job at once, nor two jobs in one run directory: stops the earlier one of the job, and waits for its
    /// end. Another job is only waited for: when the server has given it up, it has ordered its stop.
    /// </summary>
    private async Task<AttemptRecord> StartAfterAsync(Attempt earlier, Attempt attempt, RunOrder order)
    {
        for (Attempt? running = earlier; running is not null; running = Earlier(order))
        {
            site.Log.Write(order.Attempt, $"waits for the end of {running.Id}");
            if (running.Id.Job == order.Attempt.Job)
            {
                await running.StopAsync(new StopOrder("drover", $"attempt {order.Attempt.Number} of the job takes its place", order.GraceSeconds));
            }

            await attempt.UntilStopAsync(
                async () => await running.Over.WaitAsync($"the end of {running.Id}, which runs in its run directory"), $"place of {order.Attempt}");
            if (attempt.Stopping is not null)
            {
                break; // It is never started, so it need not wait.
            }
        }

        if (attempt.Stopping is not { } stop)
        {
            return await attempt.StartAsync(order);
        }

        await site.Driver.StopAsync(order.Attempt, stop);
        return new AttemptRecord { Attempt = order.Attempt, RunDirectory = order.RunDirectory };
    }

    private void Begin(AttemptId id, string runDirectory, Func<Attempt, Task<AttemptRecord>> begin)
    {
        var attempt = new Attempt(id, runDirectory, site) { Place = ++_lastPlace };
        _attempts.Add(id, attempt);
        site.Forgetter.Keep(id);
        activity.Begin();
        group.Start(() => LiveAsync(attempt, begin), id.ToString());
    }

    private async Task LiveAsync(Attempt attempt, Func<Attempt, Task<AttemptRecord>> begin)
    {
        await attempt.LiveAsync(() => begin(attempt));
        _attempts.Remove(attempt.Id);
        activity.End();
    }

    private static AttemptRecord Refused(RunOrder order, string why) => new()
    {
        Attempt = order.Attempt,
        RunDirectory = order.RunDirectory,
        End = new AttemptEnd
        {
            Ending = new Ending.LaunchFailed(LaunchFailure.Other, $"its agent starts nothing new: {why}"),
            At = EventLoop.Current.Time.GetUtcNow(),
            Evidence = "The agent did not start it.",
        },
    };
}
