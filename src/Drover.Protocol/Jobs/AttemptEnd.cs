using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>The end of an attempt, with what proves it.</summary>
public sealed record AttemptEnd
{
    /// <summary>How it ended.</summary>
    public required Ending Ending { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was seen, in the words of who saw it: the site, the kernel, the agent.</summary>
    public required string Evidence { get; init; }

    /// <summary>
    /// Whether its process may run on: nobody saw it end, it is only not heard of any more. No other attempt follows such
    /// an end.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MayRun { get; init; }

    /// <summary>What it used, where that is known.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The end of what it wrote to its standard error stream, at most 4 KiB; null when it wrote nothing.</summary>
    public string? ErrorTail { get; init; }
}
