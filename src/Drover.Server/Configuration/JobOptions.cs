namespace Drover.Server.Configuration;

/// <summary>What is set about jobs.</summary>
internal sealed record JobOptions
{
    /// <summary>The time between SIGTERM and SIGKILL for jobs that do not ask for another. Default: 10 seconds.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest time that a job may ask for, and the limit of those that ask for none. Default: no limit.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>How long run directories are kept after the end of their jobs, unless they are pinned. Default: for ever.</summary>
    public TimeSpan? KeepFiles { get; init; }
}
