using System.Globalization;

namespace Drover.Bench.Runtime;

/// <summary>What the results were measured on.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync()
    {
        var processor = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown CPU";
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var go = (await AskAsync("go", "version")).Replace("go version go", "", StringComparison.Ordinal).Split(' ')[0];
        var python = await AskAsync(Repository.Python, "-c", "import platform; print(platform.python_version())");
        var date = TimeProvider.System.GetUtcNow();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{processor}, {Environment.ProcessorCount} cores, Linux {kernel}, .NET {Environment.Version}, Go {go}, Python {python}, {date:yyyy-MM-dd}");
    }

    private static async Task<string> AskAsync(string program, params string[] arguments)
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
