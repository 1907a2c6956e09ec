using System.Text.Json.Nodes;
using Drover.Coroutines;

namespace Drover.Bench.Runtime.Cases.Drover;

internal static class SleeperCases
{
    private const int Children = 1_000_000;

    public static async Task<Measurement> BytesAsync()
    {
        var managedBefore = GC.GetTotalMemory(forceFullCollection: true);
        var residentBefore = ProcessMemory.ResidentBytes(Environment.ProcessId);
        var measurement = new Measurement(0);
        await WithSleepersAsync(() =>
        {
            var managed = GC.GetTotalMemory(forceFullCollection: true) - managedBefore;
            var resident = ProcessMemory.ResidentBytes(Environment.ProcessId) - residentBefore;
            var extra = new JsonObject { ["children"] = Children, ["residentBytes"] = (double)resident / Children };
            measurement = new Measurement((double)managed / Children, extra);
        });
        return measurement;
    }

    public static async Task<Measurement> PeakAsync()
    {
        var peak = 0.0;
        await WithSleepersAsync(() => peak = ProcessMemory.PeakBytes(Environment.ProcessId) / 1e6);
        return new Measurement(peak, new JsonObject { ["children"] = Children });
    }

    /// <summary>Starts them a few at a time, as they would come; all are asleep when <paramref name="look"/> is called.</summary>
    private static Task WithSleepersAsync(Action look) => TaskGroup.RunAsync(async group =>
    {
        for (var i = 0; i < Children; i++)
        {
            group.Start(SleepAsync);
            if (i % 1_000 == 0)
            {
                await Coroutine.YieldAsync();
            }
        }

        await Coroutine.YieldAsync();
        look();
        group.Cancel("measured");
    });

    private static async Task SleepAsync() => await Coroutine.TrySleepAsync(TimeSpan.FromHours(1));
}
