using System.Diagnostics;
using System.Globalization;
using Drover.Bench.Jobs.Servers;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>Drover: a real server and a real agent, and a client that speaks HTTP.</summary>
internal static class DroverPeer
{
    private const int RequestsAtOnce = 24;
    private const int CanceledJobs = 200;
    private const int ListedJobs = 20;
    private const int Lists = 20;

    public static JobsPeer Peer { get; } = new(
        new Dictionary<string, Func<Task<Figures>>>(ScaleCases.Cases.Concat(TransferCases.Cases), StringComparer.Ordinal)
        {
            ["throughput"] = () => DroverServer.RunAsync(Workload.AtOnce, ThroughputAsync),
            ["start-latency"] = () => DroverServer.RunAsync(Workload.AtOnce, async server =>
                Figures.Latency("start-latency", await Workload.SampleStartsAsync(Workload.LatencySamples, RunToEnd(server)))),
            ["end-latency"] = () => DroverServer.RunAsync(Workload.AtOnce, async server =>
                Figures.Latency("end-latency", await Workload.SampleEndsAsync(Workload.LatencySamples, RunToEnd(server)))),
            ["cancel-200"] = () => DroverServer.RunAsync(CanceledJobs, CancelAsync),
            ["cli-list"] = () => DroverServer.RunAsync(Workload.AtOnce, ListAsync),
            ["first-run"] = FreshClone.MeasureAsync,
        },
        () => Task.FromResult(File.Exists(DroverServer.Executable) ? null : $"{DroverServer.Executable} is not built"));

    private static Func<string[], Task> RunToEnd(DroverServer server) =>
        async command => await server.WaitUntilEndedAsync(await server.SubmitAsync(command));

    private static async Task<Figures> ThroughputAsync(DroverServer server) =>
        Figures.Throughput(Workload.Jobs, await Workload.TimeWarmAsync(jobs => RunManyAsync(server, jobs)));

    /// <summary>Submits them together, and asks until the last ending is known.</summary>
    private static async Task RunManyAsync(DroverServer server, int jobs)
    {
        await server.SubmitManyAsync(Workload.Nothing, jobs);
        await server.WaitUntilAllEndedAsync(jobs);
    }

    private static async Task<Figures> CancelAsync(DroverServer server)
    {
        var folder = Scratch.NewFolder("pids");
        var files = Enumerable.Range(0, CanceledJobs).Select(number => Path.Combine(folder, $"{number}")).ToList();
        var jobs = await TaskGroup.MapAsync(
            files, RequestsAtOnce, file => server.SubmitAsync(["/bin/sh", "-c", """echo $$ >"$0"; exec sleep 1000""", file]));
        var ids = await TaskGroup.MapAsync(files, limit: 1, ReadIdAsync);

        using var ends = ProcessEnds.Watch(ids);
        return await TaskGroup.RunAsync(async group =>
        {
            var start = Stopwatch.GetTimestamp();
            var gone = group.Start(async () => await Blocking.RunAsync(() => ends.WaitForAll(start)));
            await TaskGroup.ForEachAsync(jobs, RequestsAtOnce, server.CancelAsync);
            var milliseconds = await gone.JoinAsync();
            return Figures.Of(
                ("cancel-200-p99-ms", Quantile.Of(milliseconds, 0.99)),
                ("cancel-200-max-ms", milliseconds.Max()));
        });
    }

    private static async Task<int> ReadIdAsync(string file)
    {
        var start = Stopwatch.GetTimestamp();
        while (!File.Exists(file) || File.ReadAllText(file) is not [.., '\n'])
        {
            if (Stopwatch.GetElapsedTime(start) > TimeSpan.FromMinutes(1))
            {
                throw new BenchmarkException($"not all of {CanceledJobs} jobs run after a minute");
            }

            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20), "the jobs to run");
        }

        return int.Parse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
    }

    private static async Task<Figures> ListAsync(DroverServer server)
    {
        await RunManyAsync(server, ListedJobs);
        var list = server.Command(Path.Combine(Repository.Root, "drover"), "list");
        await Programs.RunAsync(list); // Builds what is not built.
        var milliseconds = new double[Lists];
        for (var number = 0; number < Lists; number++)
        {
            var start = Stopwatch.GetTimestamp();
            await Programs.RunAsync(list);
            milliseconds[number] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }

        return Figures.Of(("cli-list-p50-ms", Quantile.Of(milliseconds, 0.50)));
    }
}
