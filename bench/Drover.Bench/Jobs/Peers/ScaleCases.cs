using System.Diagnostics;
using Drover.Bench.Jobs.Servers;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>What many jobs and many agents cost the server. No peer has these cases.</summary>
internal static class ScaleCases
{
    private const int NoopJobs = 10_000;
    private const int NoopRounds = 5; // To warm up: see Workload.

    private const int QueuedJobs = 100_000;
    private const int IdleAgents = 1_000;
    private const int Samples = 20;

    private static readonly string[] s_sites = ["one", "two", "three", "four"];
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(3);

    public static IReadOnlyDictionary<string, Func<Task<Figures>>> Cases { get; } =
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["noop-10k"] = () => DroverServer.RunAsync(DroverServer.NewData(s_sites.Select(site => (site, NoopJobs))), NoopAsync),
            ["queued-100k"] = QueuedAsync,
            ["history-1m"] = HistoryCase.MeasureAsync,
            ["array-10k"] = ArrayCase.MeasureAsync,
            ["idle-agents-1000"] = () => DroverServer.RunMeasuredAsync(DroverServer.NewData(("local", 1)), IdleAgentsAsync),
        };

    private static async Task<Figures> NoopAsync(DroverServer server)
    {
        var tokens = await TaskGroup.MapAsync(s_sites, limit: 1, server.AddAgentAsync);
        return await NoopAgents.RunAsync(server, tokens, async agents =>
        {
            for (var round = 0; round < NoopRounds; round++)
            {
                await RunManyAsync();
                await Coroutine.SleepAsync(s_quiet);
            }

            var usedBefore = (Server: ProcessTimes.Of(server.ProcessId), Agents: ProcessTimes.Of(agents.Id));
            var start = Stopwatch.GetTimestamp();
            await RunManyAsync();
            var time = Stopwatch.GetElapsedTime(start);
            var usedAfter = (Server: ProcessTimes.Of(server.ProcessId), Agents: ProcessTimes.Of(agents.Id));
            await server.CheckSuccessesAsync(NoopJobs);
            return Figures.Of(
                ("noop-10k", NoopJobs / time.TotalSeconds),
                ("noop-10k-server-us", (usedAfter.Server - usedBefore.Server).TotalMicroseconds / NoopJobs),
                ("noop-10k-agents-us", (usedAfter.Agents - usedBefore.Agents).TotalMicroseconds / NoopJobs));
        });

        async Task RunManyAsync()
        {
            await server.SubmitManyAsync(Workload.Nothing, NoopJobs, s_sites);
            await server.WaitUntilAllEndedAsync();
        }
    }

    private static async Task<Figures> QueuedAsync()
    {
        var data = DroverServer.NewData(("local", 1));
        var figures = await DroverServer.RunMeasuredAsync(data, async server =>
        {
            await server.SubmitManyAsync(Workload.Nothing, count: 100);
            await FirstPageAsync(server);
            var before = await server.MemoryAsync();
            for (var submitted = 0; submitted < QueuedJobs; submitted += NoopJobs)
            {
                await server.SubmitManyAsync(Workload.Nothing, NoopJobs);
            }

            var after = await server.MemoryAsync();
            var list = server.Command(DroverServer.Executable, "list");
            await Programs.RunAsync(list);
            return (
                Heap: (double)(after.Heap - before.Heap) / QueuedJobs,
                Resident: (double)(after.Resident - before.Resident) / QueuedJobs,
                Page: await MedianAsync(() => FirstPageAsync(server)),
                List: await MedianAsync(() => Programs.RunAsync(list)));
        });
        var start = Stopwatch.GetTimestamp();
        var restarted = await DroverServer.RunAsync(data, async server =>
        {
            await FirstPageAsync(server);
            return Stopwatch.GetElapsedTime(start);
        });
        return Figures.Of(
            ("queued-100k-heap-bytes", figures.Heap),
            ("queued-100k-resident-bytes", figures.Resident),
            ("queued-100k-page-ms", figures.Page),
            ("queued-100k-list-ms", figures.List),
            ("queued-100k-restart-s", restarted.TotalSeconds));

        static Task FirstPageAsync(DroverServer server) => server.GetAsync("/api/v1/jobs");
    }

    private static async Task<Figures> IdleAgentsAsync(DroverServer server)
    {
        await NoopAgents.RunAsync(server, [await server.AddAgentAsync("warm-up")], _ => Task.FromResult(true));
        var before = await server.MemoryAsync();
        var tokens = await TaskGroup.MapAsync(Enumerable.Range(1, IdleAgents), limit: 8, number => server.AddAgentAsync($"site-{number}"));
        return await NoopAgents.RunAsync(server, tokens, async _ =>
        {
            await Coroutine.SleepAsync(s_settled, "the agents to be idle");
            var after = await server.MemoryAsync();
            return Figures.Of(
                ("idle-agent-heap-kib", (after.Heap - before.Heap) / 1024.0 / IdleAgents),
                ("idle-agent-resident-kib", (after.Resident - before.Resident) / 1024.0 / IdleAgents));
        });
    }

    private static async Task<double> MedianAsync(Func<Task> measured)
    {
        var milliseconds = new double[Samples];
        for (var number = 0; number < Samples; number++)
        {
            var start = Stopwatch.GetTimestamp();
            await measured();
            milliseconds[number] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return Quantile.Of(milliseconds, 0.50);
    }
}
