namespace Drover.Protocol.Servers;

/// <summary>A token that is good, without the token itself.</summary>
public sealed record TokenInfo
{
    /// <summary>By what it is known: 12 hexadecimal digits, which tell nothing of the token.</summary>
    public required string Id { get; init; }

    /// <summary>The user, or the one for whom the agent acts.</summary>
    public required string User { get; init; }

    /// <summary>The agent that it is for; null when it is the user's own.</summary>
    public string? Agent { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when on it is worth nothing; null when it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
