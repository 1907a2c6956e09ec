using System.Globalization;

namespace Drover.Bench.Orchestration;

/// <summary>Runs every case for every peer, the peers in turn, so that a slow minute of the machine strikes them all.</summary>
/// <param name="cases">What is measured.</param>
/// <param name="peers">The columns of the table. Each can run here.</param>
/// <param name="repetitions">How often each case is measured; null for what the case asks.</param>
/// <param name="workspace">Where the peers leave things.</param>
/// <param name="progress">Told about each repetition.</param>
internal sealed class BenchmarkRun(
    IReadOnlyList<BenchmarkCase> cases, IReadOnlyList<Peer> peers, int? repetitions, Workspace workspace, TextWriter progress)
{
    /// <exception cref="OperationCanceledException">The run was interrupted.</exception>
    public async Task<IReadOnlyList<CaseRow>> RunAsync()
    {
        var rows = new List<CaseRow>();
        foreach (var benchmark in cases)
        {
            rows.AddRange(await RunCaseAsync(benchmark));
        }

        return rows;
    }

    private async Task<IEnumerable<CaseRow>> RunCaseAsync(BenchmarkCase benchmark)
    {
        var found = peers.ToDictionary(peer => peer.Name, _ => new List<IReadOnlyList<CaseResult>>(), StringComparer.Ordinal);
        var count = repetitions ?? benchmark.Repetitions;
        for (var repetition = 1; repetition <= count; repetition++)
        {
            foreach (var peer in peers.Where(peer => found[peer.Name].All(IsWorthRepeating)))
            {
                var results = await CaseRun.RunAsync(benchmark, peer);
                workspace.EndLeftovers();
                if (workspace.IsInterrupted)
                {
                    throw new OperationCanceledException();
                }

                found[peer.Name].Add(results);
                await progress.WriteLineAsync($"{benchmark.Name} {repetition}/{count} {peer.Name}: {Describe(results, benchmark)}");
            }
        }

        return benchmark.Metrics.Select((metric, place) => new CaseRow(metric, found.ToDictionary(
            each => each.Key, each => CaseResult.Summarize([.. each.Value.Select(results => results[place])]), StringComparer.Ordinal)));
    }

    private static bool IsWorthRepeating(IReadOnlyList<CaseResult> results) =>
        results.Any(result => result is CaseResult.Measured) && !results.Any(result => result is CaseResult.Failed);

    private static string Describe(IReadOnlyList<CaseResult> results, BenchmarkCase benchmark) =>
        results.OfType<CaseResult.Failed>().FirstOrDefault() is { } failed ? failed.Reason
        : !results.Any(result => result is CaseResult.Measured) ? "not supported"
        : results is [CaseResult.Measured only] ? Describe(only, benchmark.Metrics[0])
        : string.Join(", ", benchmark.Metrics.Zip(results).Where(each => each.Second is CaseResult.Measured).Select(
            each => $"{each.First.Name} {Describe((CaseResult.Measured)each.Second, each.First)}"));

    private static string Describe(CaseResult.Measured measured, Metric metric) =>
        string.Create(CultureInfo.InvariantCulture, $"{measured.Value:G4} {metric.Unit}");
}
