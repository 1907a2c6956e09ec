namespace Drover.Server.Storage;

/// <summary>Some of the jobs that a filter finds.</summary>
/// <param name="Rows">The jobs; there may be none although more follow.</param>
/// <param name="Next">The job after which the next page begins; null when nothing follows.</param>
internal sealed record JobPage(IReadOnlyList<JobRow> Rows, JobId? Next);
