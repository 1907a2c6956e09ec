namespace Drover.Server.Storage;

/// <summary>Which jobs to list.</summary>
internal enum JobGroup
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Those that have not ended.</summary>
    Unfinished,

    /// <summary>Those that have ended, purged ones included.</summary>
    Ended,
}
