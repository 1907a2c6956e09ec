namespace Drover.Protocol.Servers;

/// <summary>Asks for a user to be made, and for a token.</summary>
public sealed record NewUser
{
    /// <summary>The name: letters, digits, dots, dashes and underscores, at most 64.</summary>
    public required string Name { get; init; }

    /// <summary>Whether the user may administer the server.</summary>
    public bool IsAdmin { get; init; }

    /// <summary>For how many seconds the token is good: 1 to 315,360,000. Default: until it is revoked.</summary>
    public double? ValidSeconds { get; init; }
}
