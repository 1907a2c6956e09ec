using Drover.Simulation.Tests.Hosts;
using Drover.Simulation.Tests.Networks;
using Drover.Simulation.Tests.Users;

namespace Drover.Simulation.Tests;

/// <summary>
/// What users do and what goes wrong, drawn from a seed as a list beforehand: the shortest beginning of it that still
/// fails tells most.
/// </summary>
internal sealed class Scenario
{
    private readonly World _world;
    private readonly IReadOnlyList<SimUser> _users;

    internal Scenario(World world)
    {
        _world = world;
        _users = [new SimUser(world, "alice"), new SimUser(world, "bob")];
        Steps = [.. Enumerable.Range(0, world.Random.Next(8, 40)).Select(_ => DrawStep())];
    }

    internal IReadOnlyList<SimUser> Users => _users;

    internal IReadOnlyList<Step> Steps { get; }

    /// <summary>Does the first steps, each a while after the one before.</summary>
    internal async Task PlayAsync(int steps)
    {
        foreach (Step step in Steps.Take(steps))
        {
            await Coroutine.SleepAsync(step.Pause, "the next step");
            step.Do();
        }
    }

    private Step DrawStep()
    {
        TimeSpan pause = _world.Happens(0.5) ? _world.Between(0.0001, 0.05) : _world.Between(0.05, 60);
        Action action = _world.Random.Next(27) switch
        {
            < 6 => Submit(),
            < 9 => Cancel(),
            9 => SubmitCancelSubmit(),
            10 => Intrude(),
            11 => RestartServer(),
            12 or 13 => RestartAgent(),
            14 => _world.Pick(_world.Hosts) is var host ? () => Revive(host, host.Crash) : throw new InvalidOperationException(),
            15 => Cut(),
            16 => Stall(),
            17 => Disk(),
            18 => Slow(),
            19 => Unreachable(),
            20 => TurnClock(),
            21 => OldAgent(),
            22 => Resize(),
            23 => ReadLog(),
            24 or 25 => Change(),
            _ => KeeperFails(),
        };
        return new Step(pause, action);
    }

    private Action Submit()
    {
        SimUser user = _world.Pick(_users);
        JobSpec spec = Spec(user);
        return () => Start(() => user.SubmitAsync(spec), $"{user.Name} submits");
    }

    /// <summary>Bob has no agent at site two.</summary>
    private JobSpec Spec(SimUser user)
    {
        JobSpec spec = JobBehaviour.Draw(_world);
        return user.Name == "bob" ? spec with { Site = "one" } : spec;
    }

    private Action Cancel()
    {
        SimUser user = _world.Pick(_users);
        double which = _world.Random.NextDouble();
        return () =>
        {
            if (user.Accepted.Count > 0)
            {
                JobId id = user.Accepted[(int)(which * user.Accepted.Count)];
                Start(() => user.CancelAsync(id), $"{user.Name} cancels {id}");
            }
        };
    }

    /// <summary>The order that once came out wrong: run, cancel, run in one directory.</summary>
    private Action SubmitCancelSubmit()
    {
        SimUser user = _world.Pick(_users);
        JobSpec first = Spec(user) with { RunDirectory = "again" };
        JobSpec second = Spec(user) with { RunDirectory = "again", Site = first.Site };
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

    private Action Intrude()
    {
        (SimUser user, SimUser other) = _world.Happens(0.5) ? (_users[0], _users[1]) : (_users[1], _users[0]);
        return () =>
        {
            if (other.Accepted.Count > 0)
            {
                Start(() => user.IntrudeAsync(other.Accepted[^1]), $"{user.Name} intrudes");
            }
        };
    }

    private Action RestartServer()
    {
        TimeSpan away = _world.Between(0.001, 120);
        return () =>
        {
            if (_world.Server.Supervisor is not null)
            {
                _world.Server.Crash();
                Later(away, _world.Server.Start);
            }
        };
    }

    private Action RestartAgent()
    {
        SimAgent agent = _world.Pick(_world.Agents);
        TimeSpan away = _world.Between(0.001, 120);
        return () =>
        {
            agent.Crash();
            Later(away, agent.Start);
        };
    }

    private void Revive(Host host, Action crash)
    {
        crash();
        foreach (SimAgent agent in _world.Agents.Where(agent => agent.Host == host))
        {
            Later(_world.Between(0.01, 60), agent.Start);
        }
    }

    private Action Cut()
    {
        double which = _world.Random.NextDouble();
        return () =>
        {
            if (_world.Network.Links.Count > 0)
            {
                _world.Network.Links[(int)(which * _world.Network.Links.Count)].Break("it is cut");
            }
        };
    }

    private Action Stall()
    {
        double which = _world.Random.NextDouble();
        TimeSpan time = _world.Between(0.01, 60);
        return () =>
        {
            if (_world.Network.Links.Count > 0)
            {
                Link link = _world.Network.Links[(int)(which * _world.Network.Links.Count)];
                link.Stall();
                Later(time, link.Move);
            }
        };
    }

    private Action Disk()
    {
        double failing = _world.Pick([0.2, 0.5, 1]);
        TimeSpan time = _world.Between(0.1, 60);
        return () =>
        {
            _world.Note($"the disk fails {failing:P0} of commits");
            _world.Server.Disk.Failing = failing;
            Later(time, () => _world.Server.Disk.Failing = 0);
        };
    }

    private Action Slow()
    {
        double slowness = _world.Pick([10, 100, 1000.0]);
        TimeSpan time = _world.Between(0.1, 30);
        return () =>
        {
            _world.Note($"disk and network are slow ({slowness})");
            (_world.Server.Disk.Slowness, _world.Network.Latency) = (slowness, 0.001 * slowness);
            Later(time, () => (_world.Server.Disk.Slowness, _world.Network.Latency) = (1, 0.01));
        };
    }

    private Action Unreachable()
    {
        TimeSpan time = _world.Between(0.1, 120);
        return () =>
        {
            _world.Note("the network is down");
            _world.Network.IsUp = false;
            foreach (Link link in _world.Network.Links.ToArray())
            {
                link.Break("the network is down");
            }

            Later(time, () => _world.Network.IsUp = true);
        };
    }

    private Action TurnClock()
    {
        Host host = _world.Pick(_world.Hosts);
        TimeSpan skew = (_world.Happens(0.5) ? 1 : -1) * _world.Between(1, 100_000);
        return () =>
        {
            _world.Note($"the clock of site {host.Site} is off by {skew}");
            host.ClockSkew = skew;
        };
    }

    /// <summary>It is put back to an old version, is refused, and brought up to date later.</summary>
    private Action OldAgent()
    {
        SimAgent agent = _world.Pick(_world.Agents);
        TimeSpan time = _world.Between(1, 120);
        return () =>
        {
            agent.Crash();
            agent.IsOld = true;
            agent.Start();
            Later(time, () =>
            {
                agent.IsOld = false;
                agent.Crash();
                agent.Start();
            });
        };
    }

    private Action Resize()
    {
        string site = _world.Pick(["one", "two"]);
        TimeSpan time = _world.Between(0.1, 120);
        return () =>
        {
            _world.Server.Supervisor?.Agents.FindSite(site)?.Cpus.Resize(1);
            Later(time, () => _world.Server.Supervisor?.Agents.FindSite(site)?.Cpus.Resize(World.CpusOfASite));
        };
    }

    private Action Change()
    {
        SimUser user = _world.Pick(_users);
        double which = _world.Random.NextDouble();
        JobChanges changes = _world.Random.Next(4) switch
        {
            0 => new JobChanges { Hold = true },
            1 => new JobChanges { Hold = false },
            2 => new JobChanges { Priority = _world.Random.Next(-5, 6) },
            _ => new JobChanges { Pin = true },
        };
        return () =>
        {
            if (user.Accepted.Count > 0)
            {
                JobId id = user.Accepted[(int)(which * user.Accepted.Count)];
                Start(() => user.ChangeAsync(id, changes), $"{user.Name} changes {id}");
            }
        };
    }

    private Action ReadLog()
    {
        SimUser user = _world.Pick(_users);
        double which = _world.Random.NextDouble();
        return () =>
        {
            if (user.Accepted.Count > 0)
            {
                JobId id = user.Accepted[(int)(which * user.Accepted.Count)];
                Start(() => user.ReadLogAsync(id), $"{user.Name} reads the log of {id}");
            }
        };
    }

    private Action KeeperFails()
    {
        Host host = _world.Pick(_world.Hosts);
        TimeSpan time = _world.Between(0.1, 30);
        return () =>
        {
            host.Failing = 0.5;
            Later(time, () => host.Failing = 0);
        };
    }

    private void Start(Func<Task> body, string name) => _world.Group.Start(body, name);

    private void Later(TimeSpan time, Action action) => _world.Group.Start(
        async () =>
        {
            await Coroutine.SleepAsync(time, "a while");
            action();
        },
        "later");

    internal sealed record Step(TimeSpan Pause, Action Do);
}
