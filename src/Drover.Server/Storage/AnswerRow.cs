namespace Drover.Server.Storage;

/// <summary>What a request with an idempotency key was answered with.</summary>
internal sealed record AnswerRow
{
    /// <summary>Whose request.</summary>
    public required string User { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The SHA-256 of the request, in hexadecimal: the same key with another request is a mistake.</summary>
    public required string RequestHash { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset AnsweredAt { get; init; }

    /// <summary>The numbers of the jobs, arrays or steps that were made, as JSON.</summary>
    public required string AnswerJson { get; init; }
}
