using Drover.Server.Storage;
using Drover.Server.Supervision;
using Drover.Simulation.Tests.Users;
using Microsoft.Data.Sqlite;

namespace Drover.Simulation.Tests;

/// <summary>What has to hold when everything works again and all is done.</summary>
internal sealed class Promises(World world, IReadOnlyList<SimUser> users)
{
    /// <summary>Longer than anything may take that is not stuck.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(6);

    private SqliteConnection Database => world.Database.Connection;

    /// <summary>Waits until every job has ended, and what is to go has gone.</summary>
    internal async Task ComeToRestAsync()
    {
        await WaitUntilAsync(
            () => Unfinished().Count == 0 && world.Server.Supervisor is { } server && users.All(user => server.UnfinishedOf(user.Name) == 0),
            () => $"jobs {string.Join(", ", Unfinished().Select(row => $"{row.Id} ({row.State})"))} wait forever: {Situations()}",
            s_patience);
        await WaitUntilAsync(
            () => !Rows().Any(HasToGo),
            () => $"the files of jobs {string.Join(", ", Rows().Where(HasToGo).Select(row => row.Id))} stay for ever",
            s_patience + world.TurnedBack); // They ended in what is the future now.

        // What is left to be said is said: acknowledgements, records to be forgotten.
        await Coroutine.SleepAsync(TimeSpan.FromMinutes(2), "what is left to be said");
    }

    /// <summary>Checks everything that can be checked at the end.</summary>
    internal void Check()
    {
        if (world.Server.Bugs.Count > 0)
        {
            world.Broken($"the supervision has bugs: {string.Join("; ", world.Server.Bugs)}");
        }

        IReadOnlyList<JobRow> rows = Rows();
        CheckAccepted(rows.ToDictionary(row => row.Id));
        CheckNames(rows);
        foreach (JobRow row in rows)
        {
            CheckEndings(row);
            CheckTrail(row);
            CheckFiles(row);
        }

        CheckSequence();
        CheckSlots();
    }

    private async Task WaitUntilAsync(Func<bool> isTrue, Func<string> complaint, TimeSpan patience)
    {
        DateTimeOffset began = World.Now;
        while (!isTrue())
        {
            if (World.Now - began > patience)
            {
                world.Broken(complaint());
            }

            await Coroutine.SleepAsync(TimeSpan.FromSeconds(World.Now - began > TimeSpan.FromMinutes(20) ? 60 : 7), "rest");
        }
    }

    /// <summary>What was accepted is there.</summary>
    private void CheckAccepted(Dictionary<JobId, JobRow> rows)
    {
        foreach (SimUser user in users)
        {
            foreach (JobId id in user.Accepted)
            {
                JobRow row = rows.GetValueOrDefault(id) ?? throw new BrokenPromiseException($"job {id} was accepted and is lost");
                if (row.User != user.Name)
                {
                    world.Broken($"job {id} of {user.Name} belongs to {row.User}");
                }
            }

            foreach (ArrayInfo array in user.Arrays)
            {
                if (rows.Values.Count(row => row.Array == array.Id) != array.Count)
                {
                    world.Broken($"array {array.Id} of {array.Count} jobs has {rows.Values.Count(row => row.Array == array.Id)}");
                }
            }
        }
    }

    /// <summary>Every attempt has ended, once, as it truly did.</summary>
    private void CheckEndings(JobRow row)
    {
        IReadOnlyList<AttemptInfo> attempts = Queries.Attempts(Database, row.Id);
        if (attempts.Count != row.Attempt || row.Attempt > 1 + (row.Spec.Retry?.Retries ?? 0))
        {
            world.Broken($"job {row.Id} is at attempt {row.Attempt} of {1 + (row.Spec.Retry?.Retries ?? 0)}, and has {attempts.Count} in its record");
        }

        foreach (AttemptInfo attempt in attempts)
        {
            var id = new AttemptId(row.Id, attempt.Number);
            Ending ending = attempt.End?.Ending ?? throw new BrokenPromiseException($"attempt {id} has no ending");
            Ending? truth = world.Truth.EndOf(id);
            bool isTrue = ending == truth || (ending is Ending.Lost && world.Truth.WasRecordLost(id))
                || (truth is null && ending is Ending.Canceled && !world.Truth.WasStarted(id))
                || (ending is Ending.Lost && world.Truth.WasGivenUp(id));
            if (!isTrue)
            {
                world.Broken($"attempt {id} {(truth is null ? "was never started" : $"ended as '{truth}'")}, and the server says '{ending}'");
            }

            if (ending is Ending.Canceled { By: var by } && !(by == row.User ? world.Truth.WasAskedToBeCanceled(row.Id) : by == "drover" && CannotStart(row)))
            {
                world.Broken($"job {row.Id} of {row.User} is canceled by {by}, who had no reason: {ending}");
            }
        }
    }

    /// <summary>Whether what the job comes after has ended otherwise than it had to.</summary>
    private bool CannotStart(JobRow row) => row.Spec.After is { } after && after.Any(dependency =>
    {
        IReadOnlyList<JobRow> before = Queries.Job(Database, dependency.Job) is { } job ? [job]
            : Queries.JobsBefore(Database, row.User, JobGroup.All, dependency.Job, null, int.MaxValue);
        return dependency.When switch
        {
            DependencyKind.Succeeded => before.Any(other => !other.End!.Ending.IsSuccess),
            DependencyKind.Failed => before.All(other => other.End!.Ending.IsSuccess),
            _ => false,
        };
    });

    /// <summary>The audit trail, replayed, gives the present state, by legal steps, with one end for each attempt.</summary>
    private void CheckTrail(JobRow row)
    {
        IReadOnlyList<JobEvent> events = Queries.Events(Database, row.Id);
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
            if (!Trail.IsStep(before.State, after.State, after.Kind))
            {
                world.Broken($"the audit trail of job {row.Id} goes from {before.State} to {after.State}");
            }
        }

        bool isHeld = events.LastOrDefault(e => e.Kind is JobEventKind.Held or JobEventKind.Released) is { } last
            ? last.Kind == JobEventKind.Held
            : row.Spec.Hold;
        if (isHeld != row.Spec.Hold)
        {
            world.Broken($"the audit trail of job {row.Id} ends with it {(isHeld ? "held" : "released")}, unlike the job");
        }
    }

    /// <summary>Files are where they should be: gone when their time is over, and never before.</summary>
    private void CheckFiles(JobRow row)
    {
        bool ran = Enumerable.Range(1, row.Attempt).Any(number => world.Truth.WasStarted(new AttemptId(row.Id, number)));
        bool isThere = world.HostOf(row.Spec.Site).HasDirectory(row.User, row.Show().RunDirectoryName());
        if (isThere != (ran && row.State != JobState.Purged) && row.Spec.RunDirectory is null)
        {
            world.Broken($"the run directory of job {row.Id}, which {(ran ? "ran" : "never ran")} and is {row.State}, {(isThere ? "is there" : "is gone")}");
        }
    }

    /// <summary>However often a submit was repeated, it made one job.</summary>
    private void CheckNames(IReadOnlyList<JobRow> rows)
    {
        if (rows.GroupBy(row => (row.Name, row.ArrayIndex)).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            world.Broken($"the submit '{twice.Key}' made jobs {string.Join(" and ", twice.Select(row => row.Id))}");
        }
    }

    /// <summary>The audit trail of all jobs is one row of numbers without a gap.</summary>
    private void CheckSequence()
    {
        long last = 0;
        foreach (JobEventRow e in Queries.EventsAfter(Database, null, null, 0, long.MaxValue, int.MaxValue))
        {
            if (e.Sequence != ++last)
            {
                world.Broken($"event {e.Sequence} of the audit trail should be number {last}");
            }
        }
    }

    /// <summary>Nothing is held, nobody waits, nothing runs.</summary>
    private void CheckSlots()
    {
        Supervisor server = world.Server.Supervisor!;
        string left = string.Join("; ", [
            .. server.Agents.Sites.Where(site => site.Cpus.Free != site.Cpus.Capacity || site.Cpus.Waiting != 0)
                .Select(site => $"site '{site.Name}' has {site.Cpus.Free} of {site.Cpus.Capacity} CPUs free and {site.Cpus.Waiting} jobs wait"),
            .. server.Agents.Sites.Where(site => site.RunDirectories.Used != 0).Select(site => $"{site.RunDirectories.Used} run directories of site '{site.Name}' are in use"),
            .. server.Agents.Agents.Where(agent => agent.Held is not null).Select(agent => $"agent '{agent.Name}' has {agent.Held}"),
            .. server.UnfinishedArrays == 0 ? (IEnumerable<string>)[] : [$"{server.UnfinishedArrays} arrays are not over"],
            .. world.Agents.Where(agent => agent.Left is not null).Select(agent => $"{agent} has {agent.Left}"),
            .. world.Hosts.SelectMany(host => host.Running).Select(process => $"the process of {process.Attempt} still runs"),
            .. EventLoop.Current.Snapshot().Where(IsLeft).Select(coroutine => $"'{coroutine.Name}' still waits: {coroutine.Situation}"),
        ]);
        if (left.Length > 0)
        {
            world.Broken($"all jobs have ended, and {left}");
        }
    }

    /// <summary>Whether a coroutine belongs to something that is over: jobs, their waits, ops, requests.</summary>
    private static bool IsLeft(CoroutineInfo coroutine) =>
        s_ofWork.Any(name => coroutine.Name.StartsWith(name, StringComparison.Ordinal)) || coroutine.Name.Contains(" of ", StringComparison.Ordinal) && s_ofUsers.Any(coroutine.Name.EndsWith);

    private static readonly string[] s_ofWork = ["job ", "array ", "start of ", "stop of ", "process of ", "op ", "later", "absence of ", "progress"];
    private static readonly string[] s_ofUsers = [" of alice", " of bob", " for alice", " for bob"];

    private bool HasToGo(JobRow row) => world.KeepFiles is not null && row is { IsPinned: false, Spec.RunDirectory: null, State: not JobState.Purged };

    private IReadOnlyList<JobRow> Rows() => Queries.JobsBefore(Database, null, JobGroup.All, null, null, int.MaxValue);

    private IReadOnlyList<JobRow> Unfinished() => Queries.Unfinished(Database);

    private string Situations() => world.Server.Supervisor is not { } server ? "the server is away"
        : string.Join("; ", Unfinished().Select(row => $"{row.Id}: {server.Live(row.Id)?.Show().Situation ?? "no situation"}"));
}
