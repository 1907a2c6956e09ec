using System.Text.Json.Nodes;

namespace Drover.Bench.Runtime.Cases.Bcl;

internal static class ExecutorCases
{
    /// <summary>The heartbeat shares the thread pool with the work: .NET has one pool for both.</summary>
    public static async Task<Measurement> HeartbeatAsync()
    {
        var workers = Environment.ProcessorCount;
        var heartbeat = new Heartbeat();
        heartbeat.StartCounting();
        var beating = Task.Run(() => heartbeat.BeatAsync(Task.Delay));
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(BusyWork.Run)));
        heartbeat.Stop();
        var found = await beating;
        return found with { Extra = new JsonObject { ["workers"] = workers } };
    }
}
