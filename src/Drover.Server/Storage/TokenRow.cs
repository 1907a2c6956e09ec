namespace Drover.Server.Storage;

/// <summary>A token as stored: without the token.</summary>
internal sealed record TokenRow
{
    /// <summary>The hash of the token.</summary>
    public required TokenHash Hash { get; init; }

    /// <summary>Who may show it.</summary>
    public required TokenKind Kind { get; init; }

    /// <summary>The user, or the one for whom the agent acts.</summary>
    public required string User { get; init; }

    /// <summary>An agent's site; null for a user's token.</summary>
    public string? Site { get; init; }

    /// <summary>The agent's name; null for a user's token.</summary>
    public string? Agent { get; init; }

    /// <summary>When it was issued.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it is worth nothing; null when it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
