using Drover.Agent.Drivers;

namespace Drover.Simulation.Tests.Hosts;

/// <summary>
/// A machine: processes that run there, the records of who starts them, and run directories. They outlive agents. When
/// the machine dies the processes die, and the records say later that nobody knows how.
/// </summary>
internal sealed class Host(World world, string site)
{
    private readonly Dictionary<AttemptId, SimProcess> _records = [];
    private readonly Dictionary<AttemptId, SimOutput> _outputs = [];
    private readonly HashSet<(string User, string Name)> _directories = [];
    private readonly List<(string User, string Name)> _inUse = [];
    private int _lastProcess = 1000;

    internal string Site => site;

    /// <summary>How often a start fails for reasons of the machine.</summary>
    internal double Failing { get; set; }

    /// <summary>How far its clock is from the truth.</summary>
    internal TimeSpan ClockSkew { get; set; }

    /// <summary>What its clock says.</summary>
    internal DateTimeOffset Now => World.Now + ClockSkew;

    internal IEnumerable<SimProcess> Running => _records.Values.Where(p => p.IsRunning);

    internal int NextProcess() => ++_lastProcess;

    internal SimProcess? Find(AttemptId attempt) => _records.GetValueOrDefault(attempt);

    internal IEnumerable<SimProcess> RecordsOf(string user) => _records.Values.Where(p => p.User == user);

    internal void Add(SimProcess process) => _records.Add(process.Attempt, process);

    internal void Forget(AttemptId attempt) => _records.Remove(attempt);

    /// <summary>What an attempt has written; null when it never ran here.</summary>
    internal SimOutput? OutputOf(AttemptId attempt) => _outputs.GetValueOrDefault(attempt);

    internal bool HasDirectory(string user, string name) => _directories.Contains((user, name));

    /// <summary>A process begins to run, in its run directory.</summary>
    internal SimOutput Begin(SimProcess process)
    {
        _directories.Add((process.User, process.Order!.RunDirectory));
        return _outputs[process.Attempt] = new SimOutput(process.Attempt, process.User, World.Now);
    }

    /// <summary>Removes a run directory, with what jobs wrote there. Nothing may run in it.</summary>
    internal void Remove(string user, string name)
    {
        if (Running.FirstOrDefault(p => p.User == user && p.Order!.RunDirectory == name) is { } process)
        {
            world.Broken($"run directory {name} of {user} is removed while {process.Attempt} runs in it");
        }

        if (_inUse.Contains((user, name)))
        {
            world.Broken($"run directory {name} of {user} is removed while a command runs in it");
        }

        if (_directories.Remove((user, name)))
        {
            world.Truth.Removed(user, name);
            foreach (AttemptId attempt in _outputs.Keys.Where(a => a.Job.ToString() == name).ToArray())
            {
                _outputs.Remove(attempt);
            }
        }
    }

    /// <summary>A command runs in a run directory for a while.</summary>
    internal async Task UseAsync(string user, string name, Func<Task> body)
    {
        _inUse.Add((user, name));
        try
        {
            await body();
        }
        finally
        {
            _inUse.Remove((user, name));
        }
    }

    /// <summary>Jobs there end by themselves, at just this moment.</summary>
    internal void EndSome()
    {
        foreach (SimProcess process in Running.Where(_ => world.Happens(0.5)).ToArray())
        {
            process.Hurry();
        }
    }

    /// <summary>The machine loses its power and comes back at once; agents there die too.</summary>
    /// <param name="losesRecords">Whether the disk has lost who was started.</param>
    internal void Crash(bool losesRecords)
    {
        world.Note($"host of site {site} dies{(losesRecords ? ", and loses its records" : "")}");
        foreach (Networks.SimAgent agent in world.Agents.Where(agent => agent.Host == this))
        {
            agent.Crash();
        }

        foreach (SimProcess process in _records.Values.ToArray())
        {
            process.HostDied();
            if (losesRecords)
            {
                _records.Remove(process.Attempt);
                world.Truth.RecordLost(process.Attempt);
            }
        }
    }

    /// <summary>A file of a run directory.</summary>
    internal Stream Open(string user, string runDirectory, string path) => !HasDirectory(user, runDirectory) || path == "missing"
        ? throw new DriverException($"There is no file '{path}'.", isNotFound: true)
        : new MemoryStream(SimOutput.FileText(runDirectory, path, user));
}
