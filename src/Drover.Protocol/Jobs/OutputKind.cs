using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>Which of the two streams that a job writes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OutputKind>))]
public enum OutputKind
{
    /// <summary>Standard output.</summary>
    [JsonStringEnumMemberName("stdout")]
    Output,

    /// <summary>Standard error.</summary>
    [JsonStringEnumMemberName("stderr")]
    Error,
}
