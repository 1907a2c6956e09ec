namespace Drover.Simulation.Tests.Hosts;

/// <summary>
/// A machine: processes that run there, and the records of who starts them. Both outlive agents. When the machine dies
/// the processes die, and the records say later that nobody knows how.
/// </summary>
internal sealed class Host(World world, string site)
{
    private readonly Dictionary<AttemptId, SimProcess> _records = [];
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

    /// <summary>The machine loses its power and comes back at once; agents there die too.</summary>
    internal void Crash()
    {
        world.Note($"host of site {site} dies");
        foreach (Networks.SimAgent agent in world.Agents.Where(agent => agent.Host == this))
        {
            agent.Crash();
        }

        foreach (SimProcess process in _records.Values.ToArray())
        {
            process.HostDied();
        }
    }
}
