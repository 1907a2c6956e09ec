using Drover.Server.Storage;

namespace Drover.Simulation.Tests.Servers;

/// <summary>How the server's disk behaves.</summary>
internal sealed class Disk(World world)
{
    /// <summary>How often a commit fails, from 0 to 1.</summary>
    internal double Failing { get; set; }

    /// <summary>How many times slower than usual it is.</summary>
    internal double Slowness { get; set; } = 1;

    internal TimeSpan CommitTime() => Slowness * world.Between(0.0001, 0.02);

    /// <summary>What the next commit fails with, when it does.</summary>
    internal Exception? Failure() => !world.Happens(Failing) ? null
        : world.Happens(0.5) ? new StorageException(StorageFailure.DiskFull, "The simulated disk is full.")
        : new StorageException(StorageFailure.Other, "The simulated disk has a fault.");
}
