namespace Drover.Chaos.Tests;

/// <summary>Does to Drover and its jobs, at random, what happens to programs over the years.</summary>
internal sealed class Nemesis
{
    private readonly ChaosSetting _setting;
    private readonly Random _random;
    private readonly List<Task> _passing = [];
    private readonly (int Times, Action Act)[] _acts;

    internal Nemesis(ChaosSetting setting, Random random)
    {
        _setting = setting;
        _random = random;
        _acts =
        [
            (5, KillServer),
            (5, () => Kill("agent", Site())),
            (3, () => Kill("keeper", Site())),
            (2, KillServerAndAgents),
            (7, KillJob),
            (2, () => Pause(_setting.Server, "the server")),
            (2, () => Pause("agent")),
            (2, () => Pause("keeper")),
            (2, PauseJob),
            (1, EndServer),
            (2, () => Fill(_setting.ServerDisk, "local")),
            (1, () => Fill(_setting.AgentDisk, "small")),
            (3, Cut),
            (2, Hold),
            (1, Refuse),
        ];
    }

    private Chronicle Chronicle => _setting.Chronicle;

    /// <summary>Goes on for so long, and until it has killed so many processes.</summary>
    internal async Task RunAsync(TimeSpan time, int kills, CancellationToken end)
    {
        using var over = new CancellationTokenSource(time);
        var next = new Queue<Action>();
        while (!over.IsCancellationRequested || Chronicle.Kills < kills)
        {
            if (next.Count == 0)
            {
                Action[] acts = [.. _acts.SelectMany(act => Enumerable.Repeat(act.Act, act.Times))];
                _random.Shuffle(acts);
                next = new Queue<Action>(acts);
            }

            next.Dequeue()();
            await Task.Delay(300 + _random.Next(2400), end);
        }

        await Task.WhenAll(_passing);
    }

    private string Site() => ChaosSetting.Sites[_random.Next(ChaosSetting.Sites.Count)];

    private TimeSpan Seconds(double most) => most * _random.NextDouble() * TimeSpan.FromSeconds(1);

    private void KillServer()
    {
        if (_setting.Server is { } server)
        {
            server.Signal(LiveProcess.SIGKILL);
            Chronicle.HasKilled("the server");
        }
    }

    private void Kill(string command, string site)
    {
        if (_setting.Find(command, site) is { } process)
        {
            if (command == "keeper")
            {
                Chronicle.KillsKeeper(site);
            }

            process.Signal(LiveProcess.SIGKILL);
            Chronicle.HasKilled($"the {command} of {site}");
        }
    }

    private void KillServerAndAgents()
    {
        KillServer();
        foreach (string site in ChaosSetting.Sites)
        {
            Kill("agent", site);
        }
    }

    private LiveProcess? Job() => _setting.Jobs is { Count: > 0 } jobs ? jobs[_random.Next(jobs.Count)] : null;

    private void KillJob()
    {
        if (Job() is { } process && ChaosSetting.AttemptOf(process) is { } attempt)
        {
            Chronicle.KillsJob(attempt, process.Id);
            process.Signal(LiveProcess.SIGKILL);
            Chronicle.HasKilled($"a process of {attempt}: {process}");
        }
    }

    private void PauseJob()
    {
        if (Job() is { } process)
        {
            Pause(process, $"a process of {ChaosSetting.AttemptOf(process)}");
        }
    }

    private void Pause(string command)
    {
        string site = Site();
        Pause(_setting.Find(command, site), $"the {command} of {site}");
    }

    private void Pause(LiveProcess? process, string name)
    {
        if (process is not null)
        {
            TimeSpan time = Seconds(6);
            process.Signal(LiveProcess.SIGSTOP);
            Chronicle.HasActed($"stop {name} for {time.TotalSeconds:0.0} s");
            After(time, () => process.Signal(LiveProcess.SIGCONT));
        }
    }

    private void EndServer()
    {
        _setting.Server?.Signal(LiveProcess.SIGTERM);
        Chronicle.HasActed("end the server by SIGTERM");
    }

    private void Fill(SmallDisk? disk, string site)
    {
        if (disk is not null)
        {
            TimeSpan time = Seconds(5);
            Chronicle.Fills(site);
            Chronicle.HasActed($"fill the disk of {site} for {time.TotalSeconds:0.0} s");
            disk.Fill();
            After(time, disk.MakeRoom);
        }
    }

    private void Cut()
    {
        Chronicle.HasActed("cut the agents' connections");
        _setting.Proxy.Cut();
    }

    private void Hold()
    {
        TimeSpan time = Seconds(6);
        Chronicle.HasActed($"hold what agents and server say for {time.TotalSeconds:0.0} s");
        _passing.Add(_setting.Proxy.HoldAsync(time));
    }

    private void Refuse()
    {
        TimeSpan time = Seconds(5);
        Chronicle.HasActed($"refuse the agents' connections for {time.TotalSeconds:0.0} s");
        _passing.Add(_setting.Proxy.RefuseAsync(time));
    }

    private void After(TimeSpan time, Action act)
    {
        _passing.Add(WaitAsync());

        async Task WaitAsync()
        {
            await Task.Delay(time);
            act();
        }
    }
}
