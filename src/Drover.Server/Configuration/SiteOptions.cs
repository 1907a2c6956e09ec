namespace Drover.Server.Configuration;

/// <summary>What is set about a site.</summary>
internal sealed record SiteOptions
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How many CPUs its jobs may use together. Default: as many as its agent finds.</summary>
    public int? Cpus { get; init; }

    /// <summary>How much memory its jobs may use together, in bytes. Default: as much as its agent finds.</summary>
    public long? MemoryBytes { get; init; }
}
