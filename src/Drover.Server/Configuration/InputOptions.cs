namespace Drover.Server.Configuration;

/// <summary>What is set about inputs.</summary>
internal sealed record InputOptions
{
    /// <summary>How long uploaded inputs are kept that no unfinished job needs. Default: 7 days.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);
}
