using Drover.Server.Storage;
using Drover.Simulation.Tests.Users;

namespace Drover.Simulation.Tests;

/// <summary>What has to hold when everything works again and all is done.</summary>
internal sealed class Promises(World world, IReadOnlyList<SimUser> users)
{
    /// <summary>Longer than anything may take that is not stuck.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(6);

    /// <summary>Waits until every job has ended.</summary>
    internal async Task ComeToRestAsync()
    {
        Outcome rest = await CancelScope.MoveOnAfterAsync(
            s_patience,
            async () =>
            {
                while (Unfinished().Count > 0 || world.Server.Supervisor is null || users.Sum(u => world.Server.Supervisor.UnfinishedOf(u.Name)) > 0)
                {
                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(7), "the end of all jobs");
                }

                // What is left to be said is said: acknowledgements, records to be forgotten.
                await Coroutine.SleepAsync(TimeSpan.FromMinutes(2), "what is left to be said");
            },
            "rest");
        if (!rest.IsDone)
        {
            world.Broken($"jobs {string.Join(", ", Unfinished().Select(row => $"{row.Id} ({row.State})"))} wait forever: {Situations()}");
        }
    }

    /// <summary>Checks everything that can be checked at the end.</summary>
    internal void Check()
    {
        if (world.Server.Bugs.Count > 0)
        {
            world.Broken($"the supervision has bugs: {string.Join("; ", world.Server.Bugs)}");
        }

        foreach (SimUser user in users)
        {
            foreach (JobId id in user.Accepted)
            {
                JobRow row = Queries.Job(world.Database.Connection, id) ?? throw new BrokenPromiseException($"job {id} was accepted and is lost");
                if (row.User != user.Name)
                {
                    world.Broken($"job {id} of {user.Name} belongs to {row.User}");
                }
            }
        }

        IReadOnlyList<JobRow> rows = Queries.JobsBefore(world.Database.Connection, null, JobGroup.All, null, null, int.MaxValue);
        CheckNames(rows);
        foreach (JobRow row in rows)
        {
            CheckEndings(row);
            CheckTrail(row);
        }

        CheckSlots();
    }

    /// <summary>Every attempt has ended, once, as it truly did.</summary>
    private void CheckEndings(JobRow row)
    {
        IReadOnlyList<AttemptInfo> attempts = Queries.Attempts(world.Database.Connection, row.Id);
        if (attempts.Count != row.Attempt || row.Attempt > 1 + (row.Spec.Retry?.Retries ?? 0))
        {
            world.Broken($"job {row.Id} is at attempt {row.Attempt} of {1 + (row.Spec.Retry?.Retries ?? 0)}, and has {attempts.Count} in its record");
        }

        foreach (AttemptInfo attempt in attempts)
        {
            var id = new AttemptId(row.Id, attempt.Number);
            Ending ending = attempt.End?.Ending ?? throw new BrokenPromiseException($"attempt {id} has no ending");
            Ending? truth = world.Truth.EndOf(id);
            bool isTrue = ending == truth
                || (truth is null && ending is Ending.Canceled && !world.Truth.WasStarted(id))
                || (world.GivesUpEarly && ending is Ending.Lost);
            if (!isTrue)
            {
                world.Broken($"attempt {id} {(truth is null ? "was never started" : $"ended as '{truth}'")}, and the server says '{ending}'");
            }

            if (ending is Ending.Canceled { By: var by } && by != row.User)
            {
                world.Broken($"job {row.Id} of {row.User} is canceled by {by}, who did not ask");
            }
        }
    }

    /// <summary>The audit trail, replayed, gives the present state, by legal steps, with one end for each attempt.</summary>
    private void CheckTrail(JobRow row)
    {
        IReadOnlyList<JobEvent> events = Queries.Events(world.Database.Connection, row.Id);
        if (events.Count == 0 || events[0].Kind != JobEventKind.Submitted)
        {
            world.Broken($"the audit trail of job {row.Id} does not begin with its submission");
        }

        int ends = events.Count(e => e.Kind == JobEventKind.Ended);
        int retries = events.Count(e => e.Kind == JobEventKind.Retried);
        if (events[^1].State != row.State || ends != 1 || retries != row.Attempt - 1)
        {
            world.Broken($"the audit trail of job {row.Id} ends {events[^1].State}, with {ends} ends and {retries} retries; the job is {row.State} after {row.Attempt} attempts");
        }

        foreach ((JobEvent before, JobEvent after) in events.Zip(events.Skip(1)))
        {
            bool isStep = before.State == after.State || after.Kind == JobEventKind.Retried
                || Drover.Server.Supervision.JobStates.CanFollow(before.State, after.State);
            if (!isStep)
            {
                world.Broken($"the audit trail of job {row.Id} goes from {before.State} to {after.State}");
            }
        }
    }

    /// <summary>However often a submit was repeated, it made one job.</summary>
    private void CheckNames(IReadOnlyList<JobRow> rows)
    {
        if (rows.GroupBy(row => row.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            world.Broken($"the submit '{twice.Key}' made jobs {string.Join(" and ", twice.Select(row => row.Id))}");
        }
    }

    private void CheckSlots()
    {
        foreach (Drover.Server.Supervision.Site site in world.Server.Supervisor!.Agents.Sites)
        {
            if (site.Cpus.Free != site.Cpus.Capacity || site.Cpus.Waiting != 0)
            {
                world.Broken($"site '{site.Name}' has {site.Cpus.Free} of {site.Cpus.Capacity} CPUs free and {site.Cpus.Waiting} jobs wait, although all have ended");
            }
        }

        foreach (Hosts.Host host in world.Hosts)
        {
            if (host.Running.FirstOrDefault() is { } process)
            {
                world.Broken($"the process of {process.Attempt} still runs");
            }
        }
    }

    private IReadOnlyList<JobRow> Unfinished() => Queries.Unfinished(world.Database.Connection);

    private string Situations() => world.Server.Supervisor is not { } server ? "the server is away"
        : string.Join("; ", Unfinished().Select(row => $"{row.Id}: {server.Live(row.Id)?.Show().Situation ?? "no situation"}"));
}
