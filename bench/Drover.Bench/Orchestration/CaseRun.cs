using System.Text.Json;

namespace Drover.Bench.Orchestration;

/// <summary>One repetition of one case for one peer, in fresh processes.</summary>
internal static class CaseRun
{
    /// <summary>The result of each metric of the case. Whatever goes wrong is the result: the other peers go on.</summary>
    public static async Task<IReadOnlyList<CaseResult>> RunAsync(BenchmarkCase benchmark, Peer peer)
    {
        try
        {
            var report = benchmark.MeasureAsync is { } measureAsync
                ? await measureAsync(peer)
                : PeerReport.Parse(await ChildProcess.RunAsync(peer.FileName, [.. peer.Arguments, benchmark.Name], benchmark.Limit));
            return [.. benchmark.Metrics.Select((metric, place) => FromReport(report, metric, isFirst: place == 0))];
        }
        catch (BenchmarkException failure)
        {
            return Failed(failure.Message);
        }
        catch (JsonException failure)
        {
            return Failed($"it did not print one line of JSON ({failure.Message})");
        }

        List<CaseResult> Failed(string reason) => [.. benchmark.Metrics.Select(_ => new CaseResult.Failed(reason))];
    }

    /// <summary>A note belongs to the case, so that it is printed for the first of its metrics only.</summary>
    private static CaseResult FromReport(PeerReport? report, Metric metric, bool isFirst) =>
        report?.ValueOf(metric) is { } value
            ? new CaseResult.Measured(value, isFirst ? report.Note : null)
            : new CaseResult.Unsupported();
}
