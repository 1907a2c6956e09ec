using Drover.Server.Storage;

namespace Drover.Simulation.Tests.Servers;

/// <summary>How the server's disk behaves.</summary>
internal sealed class Disk(World world)
{
    /// <summary>How often a commit fails, from 0 to 1.</summary>
    internal double Failing { get; set; }

    /// <summary>How many times slower than usual it is.</summary>
    internal double Slowness { get; set; } = 1;

    /// <summary>Before so many more commits are done, the server dies, just before or just after one is stored; null: it does not.</summary>
    internal int? DiesIn { get; set; }

    /// <summary>Whether the server dies at this commit.</summary>
    internal bool IsLast() => DiesIn is { } left && (DiesIn = left > 0 ? left - 1 : null) is null;

    internal TimeSpan CommitTime() => Slowness * world.Between(0.0001, 0.02);

    /// <summary>What the next commit fails with, when it does.</summary>
    internal Exception? Failure() => !world.Happens(Failing) ? null
        : world.Happens(0.5) ? new StorageException(StorageFailure.DiskFull, "The simulated disk is full.")
        : new StorageException(StorageFailure.Other, "The simulated disk has a fault.");
}
