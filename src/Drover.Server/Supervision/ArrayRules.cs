namespace Drover.Server.Supervision;

/// <summary>What can be submitted as an array. Everything else is refused with a sentence.</summary>
internal static class ArrayRules
{
    /// <summary>The indices of an array, rising.</summary>
    /// <exception cref="RequestRefusedException">It makes no sense.</exception>
    internal static int[] Check(string indices, int? atOnce) =>
        atOnce is < 1 ? throw RequestRefusedException.Bad($"At least one job of an array has to be allowed to run, not {atOnce}.")
        : ArrayIndices.TryParse(indices, out int[]? all, out string? fault) ? all
        : throw RequestRefusedException.Bad(fault);
}
