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

    /// <summary>
    /// The most that one user's uploaded inputs may take on the server's disk, with what is left of uploads that broke, such as
    /// <c>100G</c>; more is refused.
    /// Default: no bound.
    /// </summary>
    [YamlKey("quota")]
    public long? Quota { get; init; }

    /// <summary>
    /// So much of the disk that holds the data folder stays free: uploads of inputs that do not fit beside that are refused, and
    /// those that come to it are broken off.
    /// Default: 5 % of the disk, at most <c>1G</c>.
    /// </summary>
    [YamlKey("reserve")]
    public long? Reserve { get; init; }

    /// <summary>What is enough for the database of a large server, and not so much that a rather full disk takes nothing.</summary>
    internal const long LargestDefaultReserve = 1L << 30;
}
