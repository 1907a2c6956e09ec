namespace Drover.Server.Supervision;

/// <summary>The bytes that an agent posts for an op.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="Offset">At which byte of the file they begin; null when they are no file's.</param>
/// <param name="Total">How long the file is; null when it may grow, or when they are no file's. Of an archive: how many bytes its files have.</param>
/// <param name="ModifiedAt">When the file was last written, in units of 100 ns since 1970; null when they are no file's.</param>
/// <param name="Files">How many files are in an archive.</param>
internal sealed record AgentStream(Stream Body, long? Offset, long? Total, long? ModifiedAt = null, long? Files = null);
