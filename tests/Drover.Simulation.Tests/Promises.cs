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

        foreach (JobRow row in Queries.JobsBefore(world.Database.Connection, null, JobGroup.All, null, null, int.MaxValue))
        {
            CheckEnding(row);
            CheckTrail(row);
        }

        CheckSlots();
    }

    private void CheckEnding(JobRow row)
    {
        var attempt = new AttemptId(row.Id, row.Attempt);
        Ending ending = row.End?.Ending ?? throw new BrokenPromiseException($"job {row.Id} has no ending");
        Ending? truth = world.Truth.EndOf(attempt);
        bool isTrue = truth is null ? ending is Ending.Canceled && !world.Truth.WasStarted(attempt) : ending == truth;
        if (!isTrue)
        {
            world.Broken($"attempt {attempt} {(truth is null ? "was never started" : $"ended as '{truth}'")}, and the server says '{ending}'");
        }

        if (ending is Ending.Canceled { By: var by } && by != row.User)
        {
            world.Broken($"job {row.Id} of {row.User} is canceled by {by}, who did not ask");
        }
    }

    /// <summary>The audit trail, replayed, gives the present state, by legal steps, with one end.</summary>
    private void CheckTrail(JobRow row)
    {
        IReadOnlyList<JobEvent> events = Queries.Events(world.Database.Connection, row.Id);
        if (events.Count == 0 || events[0].Kind != JobEventKind.Submitted)
        {
            world.Broken($"the audit trail of job {row.Id} does not begin with its submission");
        }

        if (events[^1].State != row.State || events.Count(e => e.Kind == JobEventKind.Ended) != 1)
        {
            world.Broken($"the audit trail of job {row.Id} ends with {events[^1].State} and has {events.Count(e => e.Kind == JobEventKind.Ended)} ends; the job is {row.State}");
        }

        foreach ((JobEvent before, JobEvent after) in events.Zip(events.Skip(1)))
        {
            if (before.State != after.State && !Drover.Server.Supervision.JobStates.CanFollow(before.State, after.State))
            {
                world.Broken($"the audit trail of job {row.Id} goes from {before.State} to {after.State}");
            }
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
