namespace Drover.Protocol.Servers;

/// <summary>Asks for an agent to be known, and for its token.</summary>
public sealed record NewAgent
{
    /// <summary>Where it acts; a site that is not known yet is made.</summary>
    public required string Site { get; init; }

    /// <summary>For whom; default: who asks. For others only administrators ask.</summary>
    public string? User { get; init; }

    /// <summary>For how many seconds the token is good: 1 to 315,360,000. Default: until it is revoked.</summary>
    public double? ValidSeconds { get; init; }
}
