namespace Drover.Server.Configuration;

/// <summary>What is set about jobs.</summary>
internal sealed record JobOptions
{
    /// <summary>The time between SIGTERM and SIGKILL for jobs that do not ask for another. Default: 10 seconds.</summary>
    [YamlKey("graceSeconds")]
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest time that a job may ask for, and the limit of those that ask for none: <c>2d</c>, <c>36h</c>, <c>90m</c>,
    /// <c>12:00:00</c>. Default: no limit.
    /// </summary>
    [YamlKey("maxTime")]
    public TimeSpan? MaxTime { get; init; }

    /// <summary>
    /// How long run directories are kept after the end of their jobs, unless they are pinned: <c>30d</c>, <c>12h</c>.
    /// Default: for ever.
    /// </summary>
    [YamlKey("keepFiles")]
    public TimeSpan? KeepFiles { get; init; }

    /// <summary>
    /// So many jobs of one agent that wait for CPUs are followed; more do not get some in one turn of the loop. The others
    /// stand in line without a coroutine. Not configured: simulations have fewer.
    /// </summary>
    internal int MostInLine { get; init; } = 1000;

    /// <summary>As <see cref="MostInLine"/>, of one array whose jobs wait for places.</summary>
    internal int MostInLineOfArray { get; init; } = 100;

    /// <summary>So many starts of one agent may be without an answer. Not configured: simulations have fewer.</summary>
    internal int MostStarting { get; init; } = 64;
}
