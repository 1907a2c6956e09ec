namespace Drover.Protocol.Servers;

/// <summary>A token, told this once: the server keeps only its hash.</summary>
public sealed record IssuedToken
{
    /// <summary>The user or agent that it stands for.</summary>
    public required string Name { get; init; }

    /// <summary>The token.</summary>
    public required string Token { get; init; }

    /// <summary>By what it is known afterwards: <see cref="TokenInfo.Id"/>.</summary>
    public string? Id { get; init; }

    /// <summary>From when on it is worth nothing; null when it does not expire.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Whose name and what it may do, without the token.</summary>
    public override string ToString() => $"token of {Name}";
}
