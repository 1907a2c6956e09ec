using System.Globalization;

namespace Drover.Bench.Runtime;

/// <summary>Runs every case for every peer, the peers in turn, so that a slow minute of the machine strikes them all.</summary>
/// <param name="cases">The rows of the table.</param>
/// <param name="peers">Its columns. Each can run here.</param>
/// <param name="repetitions">How often each case is measured; null for what the case asks.</param>
/// <param name="progress">Told about each repetition.</param>
internal sealed class RuntimeBenchmark(
    IReadOnlyList<BenchmarkCase> cases, IReadOnlyList<Peer> peers, int? repetitions, TextWriter progress)
{
    public async Task<IReadOnlyList<CaseRow>> RunAsync()
    {
        var rows = new List<CaseRow>();
        foreach (var benchmark in cases)
        {
            rows.Add(await RunCaseAsync(benchmark));
        }

        return rows;
    }

    private async Task<CaseRow> RunCaseAsync(BenchmarkCase benchmark)
    {
        var found = peers.ToDictionary(peer => peer.Name, _ => new List<CaseResult>(), StringComparer.Ordinal);
        var count = repetitions ?? benchmark.Repetitions;
        for (var repetition = 1; repetition <= count; repetition++)
        {
            foreach (var peer in peers.Where(peer => found[peer.Name].All(result => result is CaseResult.Measured)))
            {
                var result = await CaseRun.RunAsync(benchmark, peer);
                found[peer.Name].Add(result);
                await progress.WriteLineAsync($"{benchmark.Name} {repetition}/{count} {peer.Name}: {Describe(result, benchmark)}");
            }
        }

        return new CaseRow(benchmark, found.ToDictionary(
            each => each.Key, each => CaseResult.Summarize(each.Value), StringComparer.Ordinal));
    }

    private static string Describe(CaseResult result, BenchmarkCase benchmark) => result switch
    {
        CaseResult.Measured measured => string.Create(CultureInfo.InvariantCulture, $"{measured.Value:G4} {benchmark.Unit}"),
        CaseResult.Failed failed => failed.Reason,
        _ => "not supported",
    };
}
