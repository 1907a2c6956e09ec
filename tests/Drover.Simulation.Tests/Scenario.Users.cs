using Drover.Protocol.Files;
using Drover.Simulation.Tests.Hosts;
using Drover.Simulation.Tests.Users;

namespace Drover.Simulation.Tests;

/// <content>What users do.</content>
internal sealed partial class Scenario
{
    private static readonly DependencyKind[] s_kinds = [DependencyKind.Succeeded, DependencyKind.Ended, DependencyKind.Ended, DependencyKind.Failed];

    /// <summary>Some requests come just as a job ends.</summary>
    private Action DrawRequest()
    {
        Action request = DrawAnyRequest();
        return _world.Happens(0.15) ? () => Start(
            async () =>
            {
                await CancelScope.MoveOnAfterAsync(TimeSpan.FromMinutes(1), _world.Truth.NextEndAsync);
                request();
            },
            "later") : request;
    }

    private Action DrawAnyRequest()
    {
        SimUser user = _world.Pick(_users);
        return _requests.Draw()(user);
    }

    private Lots<Func<SimUser, Action>> DrawRequests() => new(
        _world,
        (7, Submit),
        (3, SubmitArray),
        (1, SubmitWorkflow),
        (1, SubmitCancelSubmit),
        (2, SubmitAndHold),
        (1, SubmitArrayAndDisturb),
        (2, SubmitAfterOneThatEnds),
        (4, user => WithJob(user, Which(), id => user.CancelAsync(id), "cancels")),
        (1, user => WithArray(user, Which(), user.CancelArrayAsync)),
        (1, user => ChangeArray(user, Which())),
        (1, CancelInArray),
        (3, user => Change(user, Which())),
        (1, Repeat),
        (1, Intrude),
        (4, user => ReadLog(user, Which())),
        (2, user => ReadFile(user, Which())),
        (3, user => Exec(user, Which())));

    private double Which() => _world.Random.NextDouble();

    private Action CancelInArray(SimUser user)
    {
        int place = _world.Random.Next(8);
        return WithArray(user, Which(), array => user.CancelInArrayAsync(array, place % array.Count));
    }

    private Action Repeat(SimUser user)
    {
        double which = Which();
        return () => Start(() => user.RepeatAsync(which), $"{user.Name} repeats a request");
    }

    private Action Intrude(SimUser user)
    {
        SimUser other = _users.Single(one => one != user);
        return WithJob(other, Which(), user.IntrudeAsync, $"is asked for by {user.Name}, who");
    }

    private static void Nothing()
    {
    }

    private Action Submit(SimUser user)
    {
        JobSpec[] specs = [.. Enumerable.Range(0, _world.Happens(0.2) ? _world.Random.Next(2, 5) : 1).Select(_ => Spec(user))];
        Func<IReadOnlyList<Dependency>?> after = After(user);
        return () =>
        {
            IReadOnlyList<Dependency>? all = after();
            Start(() => user.SubmitAsync([.. specs.Select(spec => spec with { After = all })]), $"{user.Name} submits");
        };
    }

    private Action SubmitArray(SimUser user)
    {
        ArraySpec array = new()
        {
            Job = Spec(user) with { Reuse = null },
            Indices = _world.Pick(["0-2", "1-4", "3,5,9", "0-10:2", "0-2", "1-4", "7"]),
            AtOnce = _world.Happens(0.75) ? _world.Random.Next(1, 3) : null,
        };
        Func<IReadOnlyList<Dependency>?> after = After(user);
        return () =>
        {
            IReadOnlyList<Dependency>? all = after();
            Start(() => user.SubmitArrayAsync(array with { Job = array.Job with { After = all } }), $"{user.Name} submits an array");
        };
    }

    private Action SubmitWorkflow(SimUser user)
    {
        string[] keys = ["a", "b", "c", "d"];
        WorkflowStep[] steps = [.. keys.Take(_world.Random.Next(2, 5)).Select((key, number) => new WorkflowStep
        {
            Key = key,
            Job = Spec(user) with { Reuse = null },
            Indices = _world.Happens(0.2) ? "1-3" : null,
            After = [.. keys.Take(number).Where(_ => _world.Happens(0.6)).Select(before => new StepDependency(before, _world.Pick(s_kinds)))],
        })];
        if (_world.Happens(0.5))
        {
            Array.Reverse(steps);
        }

        return () => Start(() => user.SubmitWorkflowAsync(new Workflow { Steps = steps }), $"{user.Name} submits a workflow");
    }

    /// <summary>What a new job comes after: some that the user has by then.</summary>
    private Func<IReadOnlyList<Dependency>?> After(SimUser user)
    {
        if (!_world.Happens(_world.Habits.Dependencies))
        {
            return () => null;
        }

        Func<SimUser, IReadOnlyList<Dependency>> drawn = DrawDependencies();
        return () => drawn(user) is { Count: > 0 } all ? all : null;
    }

    private Func<SimUser, IReadOnlyList<Dependency>> DrawDependencies()
    {
        (double Which, DependencyKind When)[] drawn = [.. Enumerable.Range(0, _world.Random.Next(1, 5)).Select(_ => (Which(), _world.Pick(s_kinds)))];
        return user => user.Nameable.Count == 0 ? []
            : [.. drawn.Select(one => new Dependency(user.Nameable[(int)(Math.Sqrt(one.Which) * user.Nameable.Count)], one.When)).DistinctBy(one => one.Job)];
    }

    /// <summary>Bob has no agent at site two.</summary>
    private JobSpec Spec(SimUser user)
    {
        JobSpec spec = JobBehaviour.Draw(_world);
        return user.Name == "bob" ? spec with { Site = "one" } : spec;
    }

    /// <summary>The order that once came out wrong: run, cancel, run in one directory.</summary>
    private Action SubmitCancelSubmit(SimUser user)
    {
        JobSpec first = Spec(user) with { RunDirectory = "again", Reuse = null };
        JobSpec second = Spec(user) with { RunDirectory = "again", Site = first.Site, Reuse = null };
        return () => Start(
            async () =>
            {
                await user.SubmitAsync(first);
                if (user.Accepted.Count > 0)
                {
                    await user.CancelAsync(user.Accepted[^1]);
                }

                await user.SubmitAsync(second);
            },
            $"{user.Name} runs, cancels and runs");
    }

    private Action Change(SimUser user, double which)
    {
        JobChanges changes = DrawChanges();
        return WithJob(user, which, id => user.ChangeAsync(id, changes), "changes");
    }

    private JobChanges DrawChanges() => _world.Random.Next(6) switch
    {
        0 => new JobChanges { Hold = true },
        1 => new JobChanges { Hold = false },
        2 => new JobChanges { Priority = _world.Random.Next(-5, 6) },
        3 => new JobChanges { Priority = _world.Random.Next(-5, 6), Hold = _world.Happens(0.5) },
        4 => new JobChanges { Pin = true },
        _ => new JobChanges { Pin = false },
    };

    private Action ChangeArray(SimUser user, double which)
    {
        ArrayChanges changes = DrawArrayChanges();
        return WithArray(user, which, array => user.ChangeArrayAsync(array, changes));
    }

    private ArrayChanges DrawArrayChanges() => _world.Random.Next(4) switch
    {
        0 => new ArrayChanges { Hold = true },
        1 => new ArrayChanges { Hold = false, Priority = _world.Random.Next(-5, 6) },
        2 => new ArrayChanges { Priority = _world.Random.Next(-5, 6) },
        _ => new ArrayChanges { AtOnce = _world.Random.Next(1, 4) },
    };

    private Action ReadLog(SimUser user, double which)
    {
        long offset = _world.Happens(0.5) ? 0 : _world.Random.Next(400);
        bool follow = _world.Happens(0.4);
        TimeSpan patience = _world.Between(0.1, 300);
        return WithJob(user, which, id => user.ReadLogAsync(id, offset, follow, patience), "reads the log of");
    }

    private Action ReadFile(SimUser user, double which)
    {
        string path = _world.Pick(["result", "a/long/one", "missing"]);
        long offset = _world.Happens(0.5) ? 0 : _world.Random.Next(100);
        long? length = _world.Happens(0.5) ? _world.Random.Next(1000) : null;
        Checksum? checksum = _world.Pick<Checksum?>([null, Checksum.Sha256, Checksum.Crc64]);
        return WithJob(user, which, id => user.ReadFileAsync(id, path, offset, length, checksum), "reads a file of");
    }

    private Action Exec(SimUser user, double which)
    {
        double seconds = TimeOfCommand();
        int code = _world.Random.Next(3);
        return WithJob(user, which, id => user.ExecAsync(id, seconds, code), "runs a command in");
    }

    /// <summary>Some commands take longer than files are kept.</summary>
    private double TimeOfCommand()
    {
        TimeSpan time = _world.KeepFiles is { } keep && _world.Happens(0.4) ? keep * (0.5 + _world.Random.NextDouble()) : _world.Between(0.01, 60);
        return Math.Clamp(time.TotalSeconds, 0.001, 100);
    }

    private Action WithJob(SimUser user, double which, Func<JobId, Task> body, string what) => () =>
    {
        if (user.Accepted.Count > 0)
        {
            JobId id = user.Accepted[(int)(which * user.Accepted.Count)];
            Start(() => body(id), $"{user.Name} {what} {id}");
        }
    };

    private Action WithArray(SimUser user, double which, Func<ArrayInfo, Task> body) => () =>
    {
        if (user.Arrays.Count > 0)
        {
            ArrayInfo array = user.Arrays[(int)(which * user.Arrays.Count)];
            Start(() => body(array), $"{user.Name} cancels of array {array.Id}");
        }
    };
}
