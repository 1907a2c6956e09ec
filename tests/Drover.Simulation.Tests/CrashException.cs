namespace Drover.Simulation.Tests;

/// <summary>The process that this code ran in is dead: what waited in it never goes on.</summary>
internal sealed class CrashException() : Exception("the process is dead");
