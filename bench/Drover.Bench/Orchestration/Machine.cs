using System.Globalization;

namespace Drover.Bench.Orchestration;

/// <summary>What the results were measured on.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync(BenchmarkSuite suite)
    {
        var processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown CPU";
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var software = await suite.DescribeSoftwareAsync();
        var date = TimeProvider.System.GetUtcNow();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{processor}, {Environment.ProcessorCount} cores, Linux {kernel}, .NET {Environment.Version}, {software}, {date:yyyy-MM-dd}");
    }

    /// <summary>What a program prints about itself.</summary>
    public static async Task<string> AskAsync(string program, params string[] arguments)
    {
        try
        {
            return await ChildProcess.RunAsync(program, arguments);
        }
        catch (BenchmarkException)
        {
            return "absent";
        }
    }
}
