namespace Drover.Protocol.Servers;

/// <summary>A place where jobs run.</summary>
public sealed record SiteInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How many CPUs it has for jobs; null while no agent has told.</summary>
    public int? Cpus { get; init; }

    /// <summary>How many of them are free.</summary>
    public int? FreeCpus { get; init; }

    /// <summary>How many jobs wait there for CPUs.</summary>
    public int Waiting { get; init; }

    /// <summary>Which limits it keeps: "time", "memory".</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}
