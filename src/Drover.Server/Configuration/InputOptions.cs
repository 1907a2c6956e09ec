namespace Drover.Server.Configuration;

/// <summary>What is set about inputs.</summary>
internal sealed record InputOptions
{
    /// <summary>
    /// How long uploaded inputs are kept that no unfinished job needs, counted from when they were last uploaded or
    /// submitted with. Default: 7 days.
    /// </summary>
    [YamlKey("keepDays")]
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);
}
