using System.Diagnostics;
using Drover.Bench.Jobs.Servers;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>What many jobs and many agents cost the server. No peer has these cases.</summary>
internal static class ScaleCases
{
    private const int NoopJobs = 10_000;
    private const int NoopRounds = 3; // To warm up: see Workload.

    private static readonly string[] s_sites = ["one", "two", "three", "four"];
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(300);

    public static IReadOnlyDictionary<string, Func<Task<Figures>>> Cases { get; } =
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["noop-10k"] = () => DroverServer.RunAsync(DroverServer.NewData(s_sites.Select(site => (site, NoopJobs))), NoopAsync),
        };

    private static async Task<Figures> NoopAsync(DroverServer server)
    {
        var tokens = await TaskGroup.MapAsync(s_sites, limit: 1, server.AddAgentAsync);
        await using var agents = await NoopAgents.StartAsync(server, tokens);
        for (var round = 0; round < NoopRounds; round++)
        {
            await RunAsync();
            await Coroutine.SleepAsync(s_quiet);
        }

        var usedBefore = (Server: ProcessTimes.Of(server.ProcessId), Agents: ProcessTimes.Of(agents.ProcessId));
        var start = Stopwatch.GetTimestamp();
        await RunAsync();
        var time = Stopwatch.GetElapsedTime(start);
        return Figures.Of(
            ("noop-10k", NoopJobs / time.TotalSeconds),
            ("noop-10k-server-us", (ProcessTimes.Of(server.ProcessId) - usedBefore.Server).TotalMicroseconds / NoopJobs),
            ("noop-10k-agents-us", (ProcessTimes.Of(agents.ProcessId) - usedBefore.Agents).TotalMicroseconds / NoopJobs));

        async Task RunAsync()
        {
            await server.SubmitManyAsync(Workload.Nothing, NoopJobs, s_sites);
            await server.WaitUntilAllEndedAsync(NoopJobs);
        }
    }
}
