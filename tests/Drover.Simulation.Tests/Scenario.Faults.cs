using Drover.Simulation.Tests.Hosts;
using Drover.Simulation.Tests.Networks;

namespace Drover.Simulation.Tests;

/// <content>What goes wrong.</content>
internal sealed partial class Scenario
{
    private Lots<Func<Action>> DrawFaults() => new(
        _world,
        (3, RestartServer),
        (4, DieAtCommit),
        (4, RestartAgent),
        (2, CrashHost),
        (4, Cut),
        (2, Stall),
        (4, Disk),
        (2, Slow),
        (2, Unreachable),
        (2, TurnClock),
        (2, TurnServerClock),
        (2, OtherVersion),
        (2, Resize),
        (4, CancelWhileAway),
        (2, StallNew),
        (2, ConnectTwice),
        (2, KeeperFails));

    private Action DrawFault()
    {
        Action fault = _faults.Draw()();
        bool isWorst = _world.Happens(0.3);
        return () =>
        {
            foreach (Host host in isWorst ? _world.Hosts : [])
            {
                host.EndSome(); // Just as something else goes wrong.
            }

            fault();
        };
    }

    /// <summary>It begins now and is over later.</summary>
    private void For(TimeSpan time, Action begin, Action end)
    {
        _world.Trouble(begins: true);
        begin();
        Later(time, () =>
        {
            end();
            _world.Trouble(begins: false);
        });
    }

    private Action RestartServer()
    {
        TimeSpan away = _world.Between(0.001, 120);
        return () => _world.Server.CrashAndReturn(away);
    }

    /// <summary>The server dies as the disk has just stored something, or just not.</summary>
    private Action DieAtCommit()
    {
        int commits = _world.Random.Next(12);
        return () => _world.Server.Disk.DiesIn = commits;
    }

    private Action RestartAgent()
    {
        SimAgent agent = _world.Pick(_world.Agents);
        TimeSpan away = TimeAway();
        return () => For(away, agent.Crash, agent.Start);
    }

    /// <summary>Where attempts are given up early, often for so long that they are.</summary>
    private TimeSpan TimeAway() => _world.GivesUpEarly && _world.Happens(0.7) ? _world.Between(36, 240) : _world.Between(0.001, 120);

    private Action CrashHost()
    {
        Host host = _world.Pick(_world.Hosts);
        bool losesRecords = _world.Happens(0.3);
        return () =>
        {
            host.Crash(losesRecords);
            foreach (SimAgent agent in _world.Agents.Where(agent => agent.Host == host))
            {
                For(_world.Between(0.01, 60), Nothing, agent.Start);
            }
        };
    }

    private Action Cut()
    {
        double which = _world.Random.NextDouble();
        return () => WithLink(which, link => For(TimeSpan.FromSeconds(10), () => link.Break("it is cut"), Nothing));
    }

    private Action Stall()
    {
        double which = _world.Random.NextDouble();
        TimeSpan time = _world.Between(0.01, 60);
        bool onlyToServer = _world.Happens(0.5);
        return () => WithLink(which, link => For(time, () => link.Stall(onlyToServer), link.Move));
    }

    /// <summary>Whoever connects is welcome, and then not heard for a while.</summary>
    private Action StallNew()
    {
        TimeSpan time = _world.Between(1, 60);
        return () => For(
            time,
            () =>
            {
                _world.Network.Stalling = 0.5;
                foreach (SimAgent agent in _world.Agents.Where(agent => agent.Runs))
                {
                    agent.Crash();
                    agent.Start();
                }
            },
            () => _world.Network.Stalling = 0);
    }

    /// <summary>
    /// An agent connects anew, and once more before the server has heard what it said on the first of these connections:
    /// that comes later, perhaps after what it says on the second.
    /// </summary>
    private Action ConnectTwice()
    {
        SimAgent agent = _world.Pick(_world.Agents);
        bool diesFirst = _world.Happens(0.5);
        return () => For(
            TimeSpan.FromSeconds(20),
            () =>
            {
                agent.NextIsUnheard = true;
                if (diesFirst && agent.Runs)
                {
                    agent.Crash();
                    agent.Start();
                }
                else
                {
                    WithLinkOf(agent, link => link.LeaveAgent("the agent's network is another one"));
                }
            },
            () => agent.NextIsUnheard = false);
    }

    /// <summary>A job that runs is canceled while its agent is away.</summary>
    private Action CancelWhileAway()
    {
        double which = _world.Random.NextDouble();
        TimeSpan away = TimeAway();
        TimeSpan before = _world.Between(0.0001, 1);
        return () =>
        {
            SimProcess[] running = [.. _world.Hosts.SelectMany(host => host.Running)];
            if (running.Length > 0)
            {
                SimProcess process = running[(int)(which * running.Length)];
                SimAgent agent = _world.Agents.Single(agent => (agent.User, agent.Site) == (process.User, process.Order!.Spec.Site));
                For(away, agent.Crash, agent.Start);
                Later(before, () => Start(() => _users.Single(user => user.Name == process.User).CancelAsync(process.Attempt.Job), "a cancel"));
            }
        };
    }

    private void WithLink(double which, Action<Link> action)
    {
        if (_world.Network.Links.Count > 0)
        {
            action(_world.Network.Links[(int)(which * _world.Network.Links.Count)]);
        }
    }

    private Action Disk()
    {
        double failing = _world.Pick([0.2, 0.5, 1]);
        TimeSpan time = _world.Between(0.1, 60);
        return () => For(
            time,
            () =>
            {
                _world.Note($"the disk fails {failing:P0} of commits");
                _world.Server.Disk.Failing = failing;
            },
            () => _world.Server.Disk.Failing = 0);
    }

    private Action Slow()
    {
        double slowness = _world.Pick([10, 100, 1000.0]);
        TimeSpan time = _world.Between(0.1, 30);
        return () => For(
            time,
            () =>
            {
                _world.Note($"disk and network are slow ({slowness})");
                (_world.Server.Disk.Slowness, _world.Network.Latency) = (slowness, 0.001 * slowness);
            },
            () => (_world.Server.Disk.Slowness, _world.Network.Latency) = (1, 0.01));
    }

    private Action Unreachable()
    {
        TimeSpan time = _world.Between(0.1, 120);
        return () => For(
            time,
            () =>
            {
                _world.Note("the network is down");
                _world.Network.IsUp = false;
                foreach (Link link in _world.Network.Links.ToArray())
                {
                    link.Break("the network is down");
                }
            },
            () => _world.Network.IsUp = true);
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

    /// <summary>By hours only where no files are waited for until they go, since that takes long to simulate.</summary>
    private TimeSpan DrawTurn(bool isFar) => isFar && _world.KeepFiles is null ? _world.Between(25_000, 32_000) : _world.Between(0.001, 1000);

    /// <summary>Some time later it may be put right.</summary>
    private Action TurnServerClock()
    {
        TimeSpan by = (_world.Happens(0.4) ? 1 : -1) * DrawTurn(isFar: _world.Happens(0.5));
        TimeSpan? until = _world.Happens(0.5) ? _world.Between(0.001, 60) : null;
        return () =>
        {
            _world.TurnServerClock(by);
            if (until is { } time)
            {
                Later(time, () => _world.TurnServerClock(-by));
            }
        };
    }

    /// <summary>It is put back to an old version, or ahead to a new one, is refused, and brought to the server's later.</summary>
    private Action OtherVersion()
    {
        SimAgent agent = _world.Pick(_world.Agents);
        TimeSpan time = _world.Between(1, 120);
        int behind = _world.Pick([1, 2, -1]);
        return () => For(
            time,
            () =>
            {
                agent.Crash();
                agent.VersionsBehind = behind;
                agent.Start();
            },
            () =>
            {
                agent.VersionsBehind = 0;
                agent.Crash();
                agent.Start();
            });
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

    private Action KeeperFails()
    {
        Host host = _world.Pick(_world.Hosts);
        TimeSpan time = _world.Between(0.1, 30);
        return () => For(time, () => host.Failing = 0.5, () => host.Failing = 0);
    }
}
