using System.Text.Json.Serialization;

namespace Drover.Server.Supervision;

/// <summary>What a submit was answered with: kept with its idempotency key.</summary>
internal sealed record SubmittedJobs
{
    /// <summary>The numbers of the jobs, in the order in which they were asked for.</summary>
    public required IReadOnlyList<JobId> Jobs { get; init; }

    /// <summary>Those of them that are earlier jobs, whose results were given back; null when there are none.</summary>
    public ISet<JobId>? Reused { get; init; }
}

/// <summary>How answers that are no part of the protocol are kept.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SubmittedJobs))]
internal sealed partial class AnswerJson : JsonSerializerContext;
