using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>Why a job's program could not be started.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LaunchFailure>))]
public enum LaunchFailure
{
    /// <summary>There is no such program.</summary>
    [JsonStringEnumMemberName("noSuchProgram")]
    NoSuchProgram,

    /// <summary>There is such a file, but it cannot be executed: no permission, no program, or no interpreter for it.</summary>
    [JsonStringEnumMemberName("notExecutable")]
    NotExecutable,

    /// <summary>The working directory does not exist or may not be entered.</summary>
    [JsonStringEnumMemberName("noSuchDirectory")]
    NoSuchDirectory,

    /// <summary>The run directory or the log files could not be made: disk full, read-only, no permission.</summary>
    [JsonStringEnumMemberName("cannotWrite")]
    CannotWrite,

    /// <summary>Arguments and environment together are longer than the system allows.</summary>
    [JsonStringEnumMemberName("tooLong")]
    TooLong,

    /// <summary>Too many processes or open files, or no memory.</summary>
    [JsonStringEnumMemberName("outOfResources")]
    OutOfResources,

    /// <summary>A limit that the job asks for cannot be kept at its site.</summary>
    [JsonStringEnumMemberName("cannotLimit")]
    CannotLimit,

    /// <summary>Its input files could not be fetched or laid out.</summary>
    [JsonStringEnumMemberName("noInputs")]
    NoInputs,

    /// <summary>Something else; the message has the system's own words.</summary>
    [JsonStringEnumMemberName("other")]
    Other,
}
