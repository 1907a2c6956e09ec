namespace Drover.Server.Storage;

/// <summary>Jobs of an array that ended in the same way.</summary>
/// <param name="Ending">How; of the first of them.</param>
/// <param name="Count">How many.</param>
/// <param name="Examples">The lowest indices among them.</param>
internal sealed record ArrayEndingRow(Ending Ending, int Count, IReadOnlyList<int> Examples);
