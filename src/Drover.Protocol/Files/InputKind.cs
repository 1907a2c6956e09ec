using System.Text.Json.Serialization;

namespace Drover.Protocol.Files;

/// <summary>What an input is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<InputKind>))]
public enum InputKind
{
    /// <summary>A regular file.</summary>
    [JsonStringEnumMemberName("file")]
    File,

    /// <summary>A folder.</summary>
    [JsonStringEnumMemberName("folder")]
    Folder,

    /// <summary>A symbolic link.</summary>
    [JsonStringEnumMemberName("link")]
    Link,
}
