using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>Which endings of a job's attempts are followed by another attempt, how often, and how soon.</summary>
public sealed record RetryPolicy
{
    /// <summary>One retry of every failure.</summary>
    [JsonConstructor]
    public RetryPolicy(int retries = 1, double delaySeconds = 1, double maxDelaySeconds = 600)
    {
        Retries = retries;
        DelaySeconds = delaySeconds;
        MaxDelaySeconds = maxDelaySeconds;
    }

    /// <summary>How many more attempts there may be after the first: 0 to 1000. Default: 1.</summary>
    public int Retries { get; init; }

    /// <summary>
    /// Which endings: <c>lost</c>, <c>node-failed</c>, <c>preempted</c>, <c>out-of-memory</c>, <c>time-limit</c>,
    /// <c>launch-failed</c>, <c>exit</c> (any code but 0), <c>exit:75</c>, <c>signal</c> (any), <c>signal:9</c>.
    /// Default: each of these but <c>time-limit</c> and <c>launch-failed</c>. A canceled job is never tried again.
    /// </summary>
    public IReadOnlyList<string>? On { get; init; }

    /// <summary>How many seconds to wait before the second attempt; each later wait is twice as long. Default: 1.</summary>
    public double DelaySeconds { get; init; }

    /// <summary>The longest of these waits, in seconds. Default: 600.</summary>
    public double MaxDelaySeconds { get; init; }
}
