using System.Text.Json.Nodes;

namespace Drover.Bench.Runtime.Cases.Bcl;

internal static class SleeperCases
{
    private const int Children = 1_000_000;

    public static Task<Measurement> BytesAsync()
    {
        var managedBefore = GC.GetTotalMemory(forceFullCollection: true);
        var residentBefore = ProcessMemory.ResidentBytes(Environment.ProcessId);
        var sleepers = StartSleepers();
        var managed = GC.GetTotalMemory(forceFullCollection: true) - managedBefore;
        var resident = ProcessMemory.ResidentBytes(Environment.ProcessId) - residentBefore;
        GC.KeepAlive(sleepers);
        var extra = new JsonObject { ["children"] = Children, ["residentBytes"] = (double)resident / Children };
        return Task.FromResult(new Measurement((double)managed / Children, extra));
    }

    public static Task<Measurement> PeakAsync()
    {
        var sleepers = StartSleepers();
        var peak = ProcessMemory.PeakBytes(Environment.ProcessId) / 1e6;
        GC.KeepAlive(sleepers);
        return Task.FromResult(new Measurement(peak, new JsonObject { ["children"] = Children }));
    }

    private static Task[] StartSleepers()
    {
        var sleepers = new Task[Children];
        for (var i = 0; i < sleepers.Length; i++)
        {
            sleepers[i] = SleepAsync();
        }

        return sleepers;

        static async Task SleepAsync() => await Task.Delay(TimeSpan.FromHours(1));
    }
}
