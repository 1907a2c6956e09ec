namespace Drover.Server.Supervision;

/// <summary>Who asks.</summary>
/// <param name="User">The user's name.</param>
/// <param name="IsAdmin">Whether they may see and cancel everybody's jobs, and administer the server.</param>
internal sealed record Caller(string User, bool IsAdmin)
{
    /// <summary>The span of their request, as a traceparent (W3C Trace Context): what follows from it belongs there.</summary>
    public string? TraceParent { get; init; }

    /// <summary>When the token that they show expires; null when it does not.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whether what belongs to a user may be seen and changed.</summary>
    internal bool MayTouch(string owner) => IsAdmin || owner == User;
}
