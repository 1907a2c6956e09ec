namespace Drover.Server.Configuration;

/// <summary>What is set about a site.</summary>
internal sealed record SiteOptions
{
    /// <summary>Its name: letters, digits, dots, dashes and underscores, at most 64. Required.</summary>
    [YamlKey("name")]
    public required string Name { get; init; }

    /// <summary>How many CPUs its jobs may use together. Default: as many as its agent finds.</summary>
    [YamlKey("cpus")]
    public int? Cpus { get; init; }

    /// <summary>The most memory that one of its jobs may ask for, such as <c>32G</c>. Default: no bound.</summary>
    [YamlKey("memory")]
    public long? MemoryBytes { get; init; }
}
