namespace Drover.Server.Inputs;

/// <summary>A content that the server has.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="UsedAt">When it was last uploaded, asked for or submitted, to the hour.</param>
/// <param name="IsLarge">Whether it is a file of its own.</param>
internal readonly record struct KnownContent(long Length, DateTimeOffset UsedAt, bool IsLarge);
