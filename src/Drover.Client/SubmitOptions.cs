namespace Drover.Client;

/// <summary>How to submit.</summary>
public sealed record SubmitOptions
{
    /// <summary>
    /// A name of the caller's own for this submit: 1 to 255 visible ASCII characters. The server answers the same submit
    /// with the same key, for a day and over restarts, with the jobs that it made the first time; another one with that
    /// key it refuses (code <c>keyReused</c>). Default: a random one, under which the client repeats the submit when the
    /// answer is lost. Give your own where a program that was killed may submit again.
    /// </summary>
    public string? IdempotencyKey { get; init; }
}
