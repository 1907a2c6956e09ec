namespace Drover.Cli.Listing;

/// <summary>The lines of a list.</summary>
/// <param name="Rows">In order.</param>
/// <param name="HasMore">Whether there are more than were asked for.</param>
internal sealed record ListRows(List<ListRow> Rows, bool HasMore);
