using Drover.Server.Storage;
using Drover.Server.Supervision;
using Drover.Simulation.Tests.Hosts;
using Drover.Simulation.Tests.Networks;
using Drover.Simulation.Tests.Users;

namespace Drover.Simulation.Tests;

/// <content>
/// What is done to a job, or beside it, at just the moment at which something else happens to it: two things within
/// moments of one another seldom come about by chance.
/// </content>
internal sealed partial class Scenario
{
    /// <summary>It is not that late when the server's clock was set back.</summary>
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromMinutes(2);

    private Lots<Moment> DrawMoments() => new(
        _world,
        (2, Moment.Submit),
        (6, Moment.Dispatch),
        (3, Moment.Start),
        (4, Moment.End),
        (2, Moment.Settle),
        (3, Moment.Retry),
        (2, Moment.Cancel),
        (2, Moment.Alter),
        (2, Moment.Purge));

    /// <summary>What may be done; each is drawn beforehand, and told the job as it is by then.</summary>
    private Lots<Func<Action<JobRow>>> DrawActs() => new(
        _world,
        (6, CancelIt),
        (4, ChangeIt),
        (3, HoldThoseBehindIt),
        (2, TouchItsArray),
        (3, ReadIt),
        (6, FollowIt),
        (4, () => OfItsAgent(RestartAgentFor)),
        (5, () => OfItsAgent(CutFor)),
        (3, () => OfItsAgent(StallFor)),
        (6, () => Unrelated(RestartServer())),
        (2, () => Unrelated(DieAtCommit())),
        (4, () => Unrelated(Slow())),
        (2, () => Unrelated(Disk())),
        (4, () => Unrelated(TurnServerClock())),
        (3, SetBackAndRestart),
        (4, BreakOffWhileDiskFails),
        (3, EndItsNeighbours));

    private Action DrawAmbush()
    {
        Moment moment = _moments.Draw();
        bool isStored = moment is Moment.Start or Moment.End || _world.Happens(0.5);
        int times = _world.Pick([1, 1, 2, 4]);
        (TimeSpan? After, Action<JobRow> Act)[] acts = [.. Enumerable.Range(0, _world.Random.Next(1, 4)).Select(_ => (DrawDelay(), _acts.Draw()()))];
        return () => _world.Moments.Await(moment, isStored, times, id =>
        {
            _world.Note($"job {id}: {moment}{(isStored ? "" : " is about to be stored")}, and something else");
            foreach ((TimeSpan? after, Action<JobRow> act) in acts)
            {
                Later(after ?? UntilNextAttempt(id), () =>
                {
                    if (Row(id) is { } row)
                    {
                        act(row);
                    }
                });
            }
        });
    }

    /// <summary>Null is the time of the job's next attempt, if there is one.</summary>
    private TimeSpan? DrawDelay() => _world.Random.Next(6) switch
    {
        0 or 1 => TimeSpan.Zero,
        2 or 3 => _world.Between(0.0001, 0.05),
        4 => _world.Between(0.05, 10),
        _ => null,
    };

    private TimeSpan UntilNextAttempt(JobId id) =>
        Row(id)?.NotBefore - World.ServerNow is { } time && time > TimeSpan.Zero && time < s_longestDelay ? time : TimeSpan.Zero;

    private JobRow? Row(JobId id) => Queries.Job(_world.Database.Connection, id);

    private SimUser OwnerOf(JobRow row) => _users.Single(user => user.Name == row.User);

    /// <summary>The job itself, or one that waits for the same CPUs.</summary>
    private Func<JobRow, JobRow> DrawWhom()
    {
        double which = _world.Random.NextDouble();
        return which < 0.6 ? row => row : row =>
        {
            JobRow[] waiting = [.. WaitingAt(row.Spec.Site).Where(other => other.Id != row.Id)];
            return waiting.Length == 0 ? row : waiting[(int)((which - 0.6) / 0.4 * waiting.Length)];
        };
    }

    private Action<JobRow> CancelIt()
    {
        Func<JobRow, JobRow> whom = DrawWhom();
        return row => Start(() => OwnerOf(whom(row)).CancelAsync(whom(row).Id), $"{row.User} cancels {row.Id}");
    }

    private Action<JobRow> ChangeIt()
    {
        Func<JobRow, JobRow> whom = DrawWhom();
        JobChanges changes = _world.Happens(0.6) ? new JobChanges { Hold = true } : DrawChanges();
        return row => Start(() => OwnerOf(whom(row)).ChangeAsync(whom(row).Id, changes), $"{row.User} changes {row.Id}");
    }

    /// <summary>All that wait there.</summary>
    private Action<JobRow> HoldThoseBehindIt()
    {
        var hold = new JobChanges { Hold = true };
        return row =>
        {
            foreach (JobRow other in WaitingAt(row.Spec.Site))
            {
                Start(() => OwnerOf(other).ChangeAsync(other.Id, hold), $"{other.User} holds {other.Id}");
            }
        };
    }

    /// <summary>Small jobs that could start together; just as one starts, those that wait are held, or canceled.</summary>
    private Action SubmitAndHold(SimUser user)
    {
        JobSpec[] specs = [.. Enumerable.Range(0, _world.Random.Next(2, 5)).Select(_ => Spec(user) with { Site = "one", Cpus = 1, Reuse = null })];
        TimeSpan after = _world.Happens(0.7) ? TimeSpan.Zero : _world.Between(0.0001, 0.02);
        int times = _world.Random.Next(1, 3);
        Func<Action<JobRow>> act = _world.Happens(0.7) ? HoldThoseBehindIt : CancelIt;
        Action<JobRow> then = act();
        return () =>
        {
            _world.Moments.Await(Moment.Start, isStored: true, times, id => Later(after, () => then(Row(id)!)));
            Start(() => user.SubmitAsync(specs), $"{user.Name} submits");
        };
    }

    /// <summary>A limited array; when some of it runs, the server is restarted, or the array is changed or canceled.</summary>
    private Action SubmitArrayAndDisturb(SimUser user)
    {
        var array = new ArraySpec { Job = Spec(user) with { Cpus = 1, Reuse = null, Hold = false }, Indices = "1-4", AtOnce = 1 };
        TimeSpan after = _world.Happens(0.5) ? TimeSpan.Zero : _world.Between(0.001, 1);
        int times = _world.Random.Next(1, 3);
        Action<JobRow> then = _world.Happens(0.5) ? Unrelated(RestartServer()) : TouchItsArray();
        return () =>
        {
            _world.Moments.Await(Moment.Start, isStored: true, times, id => Later(after, () => then(Row(id)!)));
            Start(() => user.SubmitArrayAsync(array), $"{user.Name} submits an array");
        };
    }

    private IEnumerable<JobRow> WaitingAt(string site) =>
        Queries.Unfinished(_world.Database.Connection).Where(row => row.State == JobState.Queued && row.Spec.Site == site);

    private Action<JobRow> TouchItsArray()
    {
        ArrayChanges? changes = _world.Happens(0.5) ? null : DrawArrayChanges();
        return row =>
        {
            if (row.Array is { } id && OwnerOf(row) is var user && user.Arrays.FirstOrDefault(array => array.Id == id) is { } array)
            {
                Start(() => changes is null ? user.CancelArrayAsync(array) : user.ChangeArrayAsync(array, changes), $"{user.Name} touches array {id}");
            }
        };
    }

    private Action<JobRow> ReadIt()
    {
        double seconds = TimeOfCommand();
        bool isCommand = _world.Happens(0.7);
        return row => Start(
            () => isCommand ? OwnerOf(row).ExecAsync(row.Id, seconds, 0) : OwnerOf(row).ReadLogAsync(row.Id, 0, follow: true, TimeSpan.FromSeconds(60)),
            $"{row.User} reads {row.Id}");
    }

    /// <summary>A job that comes after it and after others, which are looked for meanwhile: first those that have ended.</summary>
    private Action<JobRow> FollowIt()
    {
        JobSpec drawn = Spec(_users[0]);
        DependencyKind when = _world.Pick(s_kinds);
        Func<SimUser, IReadOnlyList<Dependency>> others = DrawDependencies();
        bool isFirst = _world.Happens(0.7);
        return row =>
        {
            SimUser user = OwnerOf(row);
            IEnumerable<Dependency> rest = others(user).OrderBy(other => Row(other.Job)?.State.IsOver() != true);
            Dependency[] all = isFirst ? [new Dependency(row.Id, when), .. rest] : [.. rest, new Dependency(row.Id, when)];
            JobSpec spec = drawn with { Site = row.Spec.Site, After = [.. all.DistinctBy(one => one.Job)], Reuse = null };
            Start(() => user.SubmitAsync(spec), $"{user.Name} submits");
        };
    }

    /// <summary>A job after one that runs, one that has ended and one that has not: the first ends while the second is looked for.</summary>
    private Action SubmitAfterOneThatEnds(SimUser user)
    {
        JobSpec spec = Spec(user) with { Reuse = null };
        TimeSpan after = _world.Happens(0.5) ? TimeSpan.Zero : _world.Between(0.0001, 0.05);
        return () =>
        {
            ILookup<JobState, JobRow> rows = user.Nameable.Select(Row).OfType<JobRow>().ToLookup(row => row.State);
            SimProcess? running = _world.Hosts.SelectMany(host => host.Running).FirstOrDefault(process => user.Nameable.Contains(process.Attempt.Job));
            JobRow? open = rows[JobState.Queued].Concat(rows[JobState.Running]).LastOrDefault(row => row.Id != running?.Attempt.Job);
            if (running is null || open is null || rows[JobState.Ended].LastOrDefault() is not { } ended)
            {
                return;
            }

            JobId[] all = [running.Attempt.Job, ended.Id, open.Id];
            _world.Moments.Await(Moment.Submit, isStored: true, times: 1, _ => Later(after, running.Hurry));
            Start(() => user.SubmitAsync(spec with { After = [.. all.Select(id => new Dependency(id, DependencyKind.Ended))] }), $"{user.Name} submits");
        };
    }

    private Action<JobRow> EndItsNeighbours() => row => _world.HostOf(row.Spec.Site).EndSome();

    private static Action<JobRow> Unrelated(Action fault) => _ => fault();

    /// <summary>The server is started again with a clock that was set back meanwhile.</summary>
    private Action<JobRow> SetBackAndRestart()
    {
        Action restart = RestartServer();
        TimeSpan by = DrawTurn(isFar: true);
        return _ =>
        {
            _world.TurnServerClock(-by);
            restart();
        };
    }

    private Action<JobRow> OfItsAgent(Func<Action<SimAgent>> draw)
    {
        Action<SimAgent> fault = draw();
        return row =>
        {
            if (_world.Agents.FirstOrDefault(agent => (agent.User, agent.Site) == (row.User, row.Spec.Site)) is { } agent)
            {
                fault(agent);
            }
        };
    }

    private Action<SimAgent> RestartAgentFor()
    {
        TimeSpan away = TimeAway();
        return agent => For(away, agent.Crash, agent.Start);
    }

    private Action<SimAgent> CutFor() => agent => WithLinkOf(agent, link => For(TimeSpan.FromSeconds(10), () => link.Break("it is cut"), Nothing));

    private Action<SimAgent> StallFor()
    {
        TimeSpan time = _world.Between(0.01, 60);
        bool onlyToServer = _world.Happens(0.5);
        return agent => WithLinkOf(agent, link => For(time, () => link.Stall(onlyToServer), link.Move));
    }

    /// <summary>Its agent connects anew while nothing can be stored: what is to be stored waits, perhaps for longer than the agent.</summary>
    private Action<JobRow> BreakOffWhileDiskFails()
    {
        TimeSpan time = _world.Between(0.05, 5);
        TimeSpan before = time * _world.Random.NextDouble();
        Action<JobRow> breakOff = OfItsAgent(CutFor);
        return row =>
        {
            For(time, () => _world.Server.Disk.Failing = 1, () => _world.Server.Disk.Failing = 0);
            Later(before, () => breakOff(row));
        };
    }

    private void WithLinkOf(SimAgent agent, Action<Link> action)
    {
        if (_world.Network.Links.LastOrDefault(link => link.Owner == agent) is { } link)
        {
            action(link);
        }
    }
}
