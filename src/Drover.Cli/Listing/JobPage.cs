namespace Drover.Cli.Listing;

/// <summary>What one request found.</summary>
/// <param name="Jobs">The jobs, newest first.</param>
/// <param name="Next">Where the next page begins; null after the last one.</param>
internal sealed record JobPage(List<ListRow.OfJob> Jobs, JobId? Next);
