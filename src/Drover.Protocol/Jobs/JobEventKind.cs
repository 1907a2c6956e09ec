using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>What can happen to a job: facts in the past.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobEventKind>))]
public enum JobEventKind
{
    /// <summary>It was accepted.</summary>
    [JsonStringEnumMemberName("submitted")]
    Submitted,

    /// <summary>It has its CPUs and is about to be sent to its agent.</summary>
    [JsonStringEnumMemberName("dispatched")]
    Dispatched,

    /// <summary>Its process started.</summary>
    [JsonStringEnumMemberName("started")]
    Started,

    /// <summary>Somebody asked to cancel it.</summary>
    [JsonStringEnumMemberName("cancelRequested")]
    CancelRequested,

    /// <summary>Its agent cannot be reached.</summary>
    [JsonStringEnumMemberName("contactLost")]
    ContactLost,

    /// <summary>Its agent is back, and still has it.</summary>
    [JsonStringEnumMemberName("contactRegained")]
    ContactRegained,

    /// <summary>The server was restarted and took it up again.</summary>
    [JsonStringEnumMemberName("resumed")]
    Resumed,

    /// <summary>It ended.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended,

    /// <summary>Its files were removed.</summary>
    [JsonStringEnumMemberName("purged")]
    Purged,

    /// <summary>An attempt ended, and another one follows.</summary>
    [JsonStringEnumMemberName("retried")]
    Retried,

    /// <summary>Priority, time limit or keeping of files was changed.</summary>
    [JsonStringEnumMemberName("altered")]
    Altered,

    /// <summary>It is held from now on.</summary>
    [JsonStringEnumMemberName("held")]
    Held,

    /// <summary>It is not held any more.</summary>
    [JsonStringEnumMemberName("released")]
    Released,

    /// <summary>Its result was given to somebody who submitted the same job again.</summary>
    [JsonStringEnumMemberName("reused")]
    Reused,
}
