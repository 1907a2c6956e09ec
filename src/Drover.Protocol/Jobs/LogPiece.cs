namespace Drover.Protocol.Jobs;

/// <summary>A piece of what a job wrote, as event streams have it.</summary>
/// <param name="Offset">At which byte of the log it begins.</param>
/// <param name="Text">The piece; bytes that are not UTF-8 are replaced by U+FFFD. The bytes themselves are had from the log.</param>
/// <param name="Attempt">The attempt that wrote it.</param>
public sealed record LogPiece(long Offset, string Text, int Attempt = 1);
