namespace Drover.Client.Transfers;

/// <summary>What the server has of an upload.</summary>
/// <param name="Hash">Its SHA-256.</param>
/// <param name="Crc">The checksum of all of it; null when the server compared the hash.</param>
internal sealed record StoredInput(string Hash, string? Crc);
