namespace Drover.Agent.Drivers;

/// <summary>What a site has for jobs, and which limits it keeps.</summary>
/// <param name="Cpus">How many CPUs.</param>
/// <param name="MemoryBytes">How much memory.</param>
/// <param name="Limits">"time", "memory".</param>
internal sealed record SiteResources(int Cpus, long MemoryBytes, IReadOnlyList<string> Limits);
