namespace Drover.Server.Inputs;

/// <summary>A small content that is to be stored.</summary>
/// <param name="Hash">Its SHA-256, 32 bytes.</param>
/// <param name="Bytes">All of it.</param>
internal readonly record struct SmallContent(ReadOnlyMemory<byte> Hash, ReadOnlyMemory<byte> Bytes);
