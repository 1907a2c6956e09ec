using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>A short command to run in a job's run directory, also while the job runs.</summary>
public sealed record ExecSpec
{
    /// <summary>A command with the default time limit.</summary>
    [JsonConstructor]
    public ExecSpec(double timeLimitSeconds = 60)
    {
        TimeLimitSeconds = timeLimitSeconds;
    }

    /// <summary>The program and its arguments. No shell looks at them.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>How long it may take, in seconds, from its start; up to 3600. Default: 60.</summary>
    public double TimeLimitSeconds { get; init; }
}
