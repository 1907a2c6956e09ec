namespace Drover.Protocol.Jobs;

/// <summary>What an attempt used, as the kernel counted it: of its process and of the children that it waited for.</summary>
public sealed record Usage
{
    /// <summary>Seconds of processor time, of user and kernel together.</summary>
    public double CpuSeconds { get; init; }

    /// <summary>The largest resident set of any one process, in bytes; null when the site does not tell.</summary>
    public long? MaxMemoryBytes { get; init; }
}
