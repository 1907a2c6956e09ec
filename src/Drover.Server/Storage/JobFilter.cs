namespace Drover.Server.Storage;

/// <summary>Which jobs to list, and in which order.</summary>
internal sealed record JobFilter
{
    /// <summary>Whose; null for everybody's.</summary>
    public string? User { get; init; }

    /// <summary>Unfinished ones, ended ones, or both.</summary>
    public JobGroup Group { get; init; }

    /// <summary>Only those of this array.</summary>
    public JobId? Array { get; init; }

    /// <summary>Only those in this state.</summary>
    public JobState? State { get; init; }

    /// <summary>Only those that ended like this: a word of <see cref="Columns.Word(Ending)"/>.</summary>
    public string? Ending { get; init; }

    /// <summary>Only those of this site.</summary>
    public string? Site { get; init; }

    /// <summary>Only those whose names match this pattern of <c>*</c> and <c>?</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Those that ended last first, instead of those that were submitted last. Of one user's ended jobs.</summary>
    public bool IsByEnd { get; init; }

    /// <summary>In the order in which they are served, highest priority first, instead of those that were submitted last. Of unfinished jobs.</summary>
    public bool IsByPriority { get; init; }

    /// <summary>Whether each job has to be looked at: no index has what is asked for.</summary>
    internal bool NeedsLook => State is not null || Ending is not null || Site is not null || Name is not null;
}
