using Drover.Protocol.Files;
using Drover.Simulation.Tests.Hosts;
using Drover.Simulation.Tests.Users;

namespace Drover.Simulation.Tests;

/// <content>What users do.</content>
internal sealed partial class Scenario
{
    private static readonly DependencyKind[] s_kinds = [DependencyKind.Succeeded, DependencyKind.Ended, DependencyKind.Failed];

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
        SimUser other = _users.Single(one => one != user);
        double which = _world.Random.NextDouble();
        return _world.Random.Next(32) switch
        {
            < 7 => Submit(user),
            < 9 => SubmitArray(user),
            9 => SubmitWorkflow(user),
            10 => SubmitCancelSubmit(user),
            < 15 => WithJob(user, which, id => user.CancelAsync(id), "cancels"),
            15 => WithArray(user, which, user.CancelArrayAsync),
            16 => ChangeArray(user, which),
            17 => _world.Random.Next(8) is var place ? WithArray(user, which, array => user.CancelInArrayAsync(array, place % array.Count)) : Nothing,
            < 21 => Change(user, which),
            21 => () => Start(() => user.RepeatAsync(which), $"{user.Name} repeats a request"),
            22 => WithJob(other, which, user.IntrudeAsync, $"is asked for by {user.Name}, who"),
            < 27 => ReadLog(user, which),
            < 29 => ReadFile(user, which),
            _ => Exec(user, which),
        };
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
            Indices = _world.Pick(["0-2", "1-4", "3,5,9", "0-10:2", "7"]),
            AtOnce = _world.Happens(0.6) ? _world.Random.Next(1, 3) : null,
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
        (double Which, DependencyKind When)[] drawn = _world.Happens(0.25)
            ? [.. Enumerable.Range(0, _world.Random.Next(1, 4)).Select(_ => (_world.Random.NextDouble(), _world.Pick(s_kinds)))]
            : [];
        return () => drawn.Length == 0 || user.Nameable.Count == 0 ? null
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
        JobChanges changes = _world.Random.Next(6) switch
        {
            0 => new JobChanges { Hold = true },
            1 => new JobChanges { Hold = false },
            2 => new JobChanges { Priority = _world.Random.Next(-5, 6) },
            3 => new JobChanges { Priority = _world.Random.Next(-5, 6), Hold = _world.Happens(0.5) },
            4 => new JobChanges { Pin = true },
            _ => new JobChanges { Pin = false },
        };
        return WithJob(user, which, id => user.ChangeAsync(id, changes), "changes");
    }

    private Action ChangeArray(SimUser user, double which)
    {
        ArrayChanges changes = _world.Random.Next(4) switch
        {
            0 => new ArrayChanges { Hold = true },
            1 => new ArrayChanges { Hold = false, Priority = _world.Random.Next(-5, 6) },
            2 => new ArrayChanges { Priority = _world.Random.Next(-5, 6) },
            _ => new ArrayChanges { AtOnce = _world.Random.Next(1, 4) },
        };
        return WithArray(user, which, array => user.ChangeArrayAsync(array, changes));
    }

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
        double seconds = _world.Between(0.01, 60).TotalSeconds;
        int code = _world.Random.Next(3);
        return WithJob(user, which, id => user.ExecAsync(id, Math.Max(0.001, seconds), code), "runs a command in");
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
