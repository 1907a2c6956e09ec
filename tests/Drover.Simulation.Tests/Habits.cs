namespace Drover.Simulation.Tests;

/// <summary>How often jobs of a world are of some kind: mostly seldom, and in some worlds nearly always.</summary>
internal sealed class Habits
{
    internal Habits(World world)
    {
        Retries = Draw(world, 0.3);
        SharedDirectories = Draw(world, 0.2);
        Dependencies = Draw(world, 0.25);
        Large = Draw(world, 0.5);
        Eternal = world.GivesUpEarly ? 0.25 : 0.1;
        SlownessOfReads = world.Pick([1, 1, 1, 30, 300]);
        SlownessOfStarts = world.Pick([1, 1, 1, 100, 1000]);
        MostStarting = world.Pick([64, 1, 1, 2]);
    }

    /// <summary>Jobs that are tried again.</summary>
    internal double Retries { get; }

    /// <summary>Jobs that share a run directory with others.</summary>
    internal double SharedDirectories { get; }

    /// <summary>Jobs that come after others.</summary>
    internal double Dependencies { get; }

    /// <summary>Jobs that need all CPUs of their site.</summary>
    internal double Large { get; }

    /// <summary>Jobs that end only when they are canceled: more where attempts are given up that may still run.</summary>
    internal double Eternal { get; }

    /// <summary>So many starts of one agent may be without an answer.</summary>
    internal int MostStarting { get; }

    /// <summary>How many times longer than usual it takes to read from the database.</summary>
    internal int SlownessOfReads { get; }

    /// <summary>How many times longer than usual it takes to start a process.</summary>
    internal int SlownessOfStarts { get; }

    private static double Draw(World world, double usual) => world.IsSwarm ? world.Pick([0, usual, usual, 0.8]) : usual;
}
