using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>Where a job is in its life: queued, starting, running, then one ending.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
public enum JobState
{
    /// <summary>Accepted, on disk, and waiting: its situation says for what.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>Being sent to its agent: from now on it may run.</summary>
    [JsonStringEnumMemberName("starting")]
    Starting,

    /// <summary>Its process runs.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Its agent or site cannot be reached: it may run or have ended. There is a deadline to find out.</summary>
    [JsonStringEnumMemberName("unknown")]
    Unknown,

    /// <summary>It has ended, once: its ending says how.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended,

    /// <summary>It has ended, and its files were removed. The record stays.</summary>
    [JsonStringEnumMemberName("purged")]
    Purged,
}
