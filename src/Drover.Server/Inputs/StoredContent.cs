namespace Drover.Server.Inputs;

/// <summary>What an upload has become.</summary>
/// <param name="Hash">Its SHA-256.</param>
/// <param name="IsNew">Whether it was not there before.</param>
/// <param name="Crc">The checksum of all of it; null when it came under its hash, which was compared.</param>
internal sealed record StoredContent(string Hash, bool IsNew, string? Crc);
