namespace Drover.Simulation.Tests;

/// <summary>The simulation saw what must never be.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);
