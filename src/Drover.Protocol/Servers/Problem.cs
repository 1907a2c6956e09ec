namespace Drover.Protocol.Servers;

/// <summary>An error as the API answers it (RFC 9457, application/problem+json).</summary>
public sealed record Problem
{
    /// <summary>What kind of problem, in a few words.</summary>
    public string? Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>What is wrong and what to do about it, in a sentence.</summary>
    public string? Detail { get; init; }

    /// <summary>A word for programs: <c>notFound</c>, <c>tooLarge</c>, <c>diskFull</c>.</summary>
    public string? Code { get; init; }
}
