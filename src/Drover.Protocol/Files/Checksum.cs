using System.Text.Json.Serialization;

namespace Drover.Protocol.Files;

/// <summary>What follows the bytes of a file or archive, so that both ends can be compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Checksum>))]
public enum Checksum
{
    /// <summary>SHA-256, 32 bytes.</summary>
    [JsonStringEnumMemberName("sha-256")]
    Sha256,

    /// <summary>CRC-64/NVME, 8 bytes: a tenth of the work. See <see cref="Files.Crc64"/>.</summary>
    [JsonStringEnumMemberName("crc-64")]
    Crc64,
}
