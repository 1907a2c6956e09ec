using Drover.Server.Storage;
using Drover.Simulation.Tests.Hosts;

namespace Drover.Simulation.Tests;

/// <summary>What really happened at the hosts, and the promises that can be checked as it happens.</summary>
internal sealed class Truth(World world)
{
    private readonly HashSet<AttemptId> _started = [];
    private readonly HashSet<AttemptId> _canceledBeforeSent = [];
    private readonly HashSet<JobId> _wereHeld = [];
    private readonly Dictionary<AttemptId, Ending> _ends = [];

    /// <summary>It was canceled, and the answer said that it had not been sent.</summary>
    internal void CanceledBeforeSent(AttemptId attempt) => _canceledBeforeSent.Add(attempt);

    /// <summary>It was held for a while: others may have passed it.</summary>
    internal void Held(JobId job) => _wereHeld.Add(job);

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

        CheckThatItIsRecorded(process);
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
        if (cpus > World.CpusOfASite && !world.GivesUpEarly) // Fewer may be allowed now than when the others were started.
        {
            world.Broken($"{cpus} CPUs of site '{site}' are in use, and it never had more than {World.CpusOfASite}");
        }
    }

    /// <summary>Before anything runs the database says that it may.</summary>
    private void CheckThatItIsRecorded(SimProcess process)
    {
        JobRow? row = Queries.Job(world.Database.Connection, process.Attempt.Job);
        if (row is null || row.Attempt != process.Attempt.Number || row.State is JobState.Queued)
        {
            world.Broken($"{process.Attempt} starts, and the database says that it is {(row is null ? "nothing" : $"attempt {row.Attempt}, {row.State}")}");
        }

        if (_canceledBeforeSent.Contains(process.Attempt))
        {
            world.Broken($"{process.Attempt} starts, although it had been canceled while it waited");
        }

        if (process.Order!.Spec.RunDirectory is not null && process.Attempt.Number == 1)
        {
            CheckOrder(row!);
        }
    }

    /// <summary>Jobs that share a run directory run in the order of their submission.</summary>
    private void CheckOrder(JobRow row)
    {
        JobRow? passed = Queries.Unfinished(world.Database.Connection).FirstOrDefault(other =>
            other.Id < row.Id && other.User == row.User && other.Spec.Site == row.Spec.Site && other.Spec.RunDirectory == row.Spec.RunDirectory
            && other is { State: JobState.Queued, Attempt: 1, Cancel: null, Spec.Hold: false } && !_wereHeld.Contains(other.Id) && !_wereHeld.Contains(row.Id));
        if (passed is not null)
        {
            world.Broken($"job {row.Id} runs in '{row.Spec.RunDirectory}' before job {passed.Id}, which was there first");
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
