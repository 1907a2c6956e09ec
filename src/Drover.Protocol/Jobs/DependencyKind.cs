using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>How another job has to end before a job starts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DependencyKind>))]
public enum DependencyKind
{
    /// <summary>It exited with code 0; of an array: every job did.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>It ended, however it did; of an array: every job did.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended,

    /// <summary>It ended otherwise than with code 0; of an array: every job ended, and one or more did so.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}
