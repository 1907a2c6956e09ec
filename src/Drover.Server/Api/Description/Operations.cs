namespace Drover.Server.Api.Description;

/// <summary>
/// What every route does: one entry for each, found by its method and pattern. A route without an entry is a defect that a
/// test finds, and so is an answer that its entry does not name.
/// </summary>
internal static partial class Operations
{
    private const string JobNumber = "The number of a job, `17`, or of a job of an array, `17_3`.";

    private static readonly Dictionary<string, Operation> s_all = new[] { Jobs(), Arrays(), Events(), Files(), Server() }
        .SelectMany(group => group).ToDictionary(entry => entry.Route, entry => entry.Operation, StringComparer.Ordinal);

    /// <summary>The routes that are described: <c>GET /jobs/{id}</c>.</summary>
    internal static IReadOnlyCollection<string> Routes => s_all.Keys;

    /// <summary>What a route does; null when nobody has said it.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="pattern">Its pattern below the API's root, with a slash at its beginning.</param>
    internal static Operation? Find(string method, string pattern) => s_all.GetValueOrDefault($"{method} {pattern}");

    /// <summary>About one job: it is there, or not.</summary>
    private static Operation OfJob(string group, string name, string summary) =>
        new Operation(group, name, summary).Path("id", JobNumber).Refuses(404);
}
