namespace Drover.Client;

/// <summary>Which jobs to list.</summary>
public enum JobSelection
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Those that have not ended.</summary>
    Unfinished,

    /// <summary>Those that have.</summary>
    Ended,
}
