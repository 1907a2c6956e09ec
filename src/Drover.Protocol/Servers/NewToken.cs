namespace Drover.Protocol.Servers;

/// <summary>Asks for another token of a user.</summary>
public sealed record NewToken
{
    /// <summary>The longest time that a token may be good for, in seconds: ten years.</summary>
    public const double LongestValidity = 315_360_000;

    /// <summary>Whose; default: who asks. For others only administrators ask.</summary>
    public string? User { get; init; }

    /// <summary>For how many seconds it is good: 1 to 315,360,000. Default: until it is revoked.</summary>
    public double? ValidSeconds { get; init; }
}
