using System.Diagnostics;
using Drover.Bench.Jobs.Servers;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>What a million ended jobs cost the requests that have nothing to do with most of them.</summary>
internal static class HistoryCase
{
    private const int Few = 1_000;
    private const int Many = 1_000_000;
    private const int WarmUp = 50;
    private const int Samples = 200;

    private static readonly (string Name, Func<DroverServer, Task> Ask)[] s_requests =
    [
        ("submit", server => server.SubmitAsync(Workload.Nothing)),
        ("list", server => server.GetAsync("/api/v1/jobs")),
        ("list-ended", server => server.GetAsync("/api/v1/jobs?state=ended")),
        ("list-unfinished", server => server.GetAsync("/api/v1/jobs?state=unfinished")),
        ("list-older", server => server.GetAsync("/api/v1/jobs?before=500")),
        ("explain", server => server.GetAsync("/api/v1/jobs/500/explanation")),
    ];

    /// <summary>
    /// Two servers, one with a thousand ended jobs and one with a million, are asked in turn, so that a slow moment of
    /// the machine strikes both.
    /// </summary>
    public static async Task<Figures> MeasureAsync()
    {
        var few = DroverServer.NewData(("local", 1), ("noop", Few));
        await DroverServer.RunAsync(few, MakeHistoryAsync);
        var many = Scratch.NewFolder("drover-many");
        foreach (var name in (string[])["drover.yaml", "drover.db", "token"])
        {
            File.Copy(Path.Combine(few, name), Path.Combine(many, name));
        }

        await Blocking.RunAsync(() => GrownHistory.Grow(many, Few, Many));
        return await DroverServer.RunMeasuredAsync(few, withFew => DroverServer.RunMeasuredAsync(many, withMany => CompareAsync(withFew, withMany)));
    }

    private static async Task<bool> MakeHistoryAsync(DroverServer server) =>
        await NoopAgents.RunAsync(server, [await server.AddAgentAsync("noop")], async _ =>
        {
            await server.SubmitManyAsync(Workload.Nothing, Few, "noop");
            await server.WaitUntilAllEndedAsync(Few);
            return true;
        });

    private static async Task<Figures> CompareAsync(DroverServer few, DroverServer many)
    {
        var figures = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, ask) in s_requests)
        {
            double[] withFew = new double[Samples], withMany = new double[Samples];
            for (var number = -WarmUp; number < Samples; number++)
            {
                withFew[Math.Max(0, number)] = await TimeAsync(few);
                withMany[Math.Max(0, number)] = await TimeAsync(many);
            }

            figures.Add($"history-1m-{name}-ms", Quantile.Of(withMany, 0.50));
            figures.Add($"history-1m-{name}-ratio", Quantile.Of(withMany, 0.50) / Quantile.Of(withFew, 0.50));

            async Task<double> TimeAsync(DroverServer server)
            {
                var start = Stopwatch.GetTimestamp();
                await ask(server);
                return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        return new Figures(figures);
    }

    /// <summary>The metrics, in the order of the table.</summary>
    public static IReadOnlyList<Metric> Metrics { get; } =
        [.. s_requests.SelectMany(request => (Metric[])[new($"history-1m-{request.Name}-ms", "ms"), new($"history-1m-{request.Name}-ratio", "")])];
}
