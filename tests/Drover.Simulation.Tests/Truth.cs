using Drover.Simulation.Tests.Hosts;

namespace Drover.Simulation.Tests;

/// <summary>What really happened at the hosts, and the promises that can be checked as it happens.</summary>
internal sealed class Truth(World world)
{
    private readonly HashSet<AttemptId> _started = [];
    private readonly Dictionary<AttemptId, Ending> _ends = [];

    internal bool WasStarted(AttemptId attempt) => _started.Contains(attempt);

    /// <summary>How the host's records say that it ended; null when they have said nothing.</summary>
    internal Ending? EndOf(AttemptId attempt) => _ends.GetValueOrDefault(attempt);

    internal void Started(SimProcess process)
    {
        world.Note($"process of {process.Attempt} starts");
        if (!_started.Add(process.Attempt))
        {
            world.Broken($"attempt {process.Attempt} is started twice");
        }

        foreach (SimProcess other in world.Hosts.SelectMany(host => host.Running).Where(other => other != process))
        {
            if (other.Attempt.Job == process.Attempt.Job)
            {
                world.Broken($"{other.Attempt} and {process.Attempt} run at the same time");
            }

            if (other.User == process.User && other.Order!.Spec.Site == process.Order!.Spec.Site
                && other.Order.RunDirectory == process.Order.RunDirectory)
            {
                world.Broken($"{other.Attempt} and {process.Attempt} run in one run directory at the same time");
            }
        }

        string site = process.Order!.Spec.Site;
        int cpus = world.Hosts.SelectMany(host => host.Running).Where(p => p.Order!.Spec.Site == site).Sum(p => p.Order!.Spec.Cpus);
        if (cpus > World.CpusOfASite)
        {
            world.Broken($"{cpus} CPUs of site '{site}' are in use, and it has {World.CpusOfASite}");
        }
    }

    internal void Ended(SimProcess process, Ending ending)
    {
        world.Note($"{process.Attempt} ends: {ending}");
        if (!_ends.TryAdd(process.Attempt, ending))
        {
            world.Broken($"the host's records end {process.Attempt} twice: a bug of the simulation");
        }
    }
}
