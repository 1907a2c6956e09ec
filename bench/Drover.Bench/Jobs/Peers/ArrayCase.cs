using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Drover.Bench.Jobs.Servers;
using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>An array of real small programs: each finds π by throwing darts, with its index as the seed.</summary>
internal static class ArrayCase
{
    private const int Jobs = 10_000;
    private const int WarmUpJobs = 2_000;

    // ENVIRON is how a program sees its index; the result goes where a serial loop can put its own.
    private const string Darts = """
        BEGIN {
            seed = ENVIRON["DROVER_ARRAY_INDEX"]; srand(seed)
            for (i = 0; i < 2000; i++) { x = rand(); y = rand(); hits += x * x + y * y <= 1 }
            printf "%d %.4f\n", seed, 4 * hits / 2000 > (folder "/" seed)
        }
        """;

    /// <summary>
    /// The array, and one of <c>/bin/true</c> in the same server; then the same programs without Drover: the array may
    /// take longer than the other one by what its programs take longer.
    /// </summary>
    public static async Task<Figures> MeasureAsync()
    {
        var folder = Scratch.NewFolder("darts");
        var (nothing, darts) = await DroverServer.RunAsync(Workload.AtOnce, async server =>
        {
            await RunAsync(server, Workload.Nothing, WarmUpJobs);
            await RunAsync(server, Command(folder), WarmUpJobs);
            return (await RunAsync(server, Workload.Nothing, Jobs), await RunAsync(server, Command(folder), Jobs));
        });
        var sum = Checksum(folder);
        var nothingAlone = await LoopAsync(Workload.Nothing);
        var serial = Scratch.NewFolder("serial");
        var dartsAlone = await LoopAsync(Command(serial));
        if (Checksum(serial) != sum)
        {
            throw new BenchmarkException("the array's results are not those of a loop");
        }

        var expected = nothing + (dartsAlone - nothingAlone);
        return Figures.Of(
            ("array-10k", Jobs / darts.TotalSeconds),
            ("array-10k-true", Jobs / nothing.TotalSeconds),
            ("array-10k-share", expected / darts));
    }

    private static string[] Command(string folder) => ["/usr/bin/awk", "-v", $"folder={folder}", Darts];

    private static async Task<TimeSpan> RunAsync(DroverServer server, string[] command, int count)
    {
        var start = Stopwatch.GetTimestamp();
        await server.RunArrayAsync(command, count);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>As many at once as in the array, started as Drover starts them.</summary>
    private static async Task<TimeSpan> LoopAsync(string[] command)
    {
        var directory = Scratch.NewFolder("loop");
        var start = Stopwatch.GetTimestamp();
        await TaskGroup.ForEachAsync(Enumerable.Range(1, Jobs), Workload.AtOnce, async index =>
        {
            var spec = new ProcessSpec(command[0], command[1..])
            {
                WorkingDirectory = directory,
                Output = OutputTarget.Null,
                Error = OutputTarget.Null,
                Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["DROVER_ARRAY_INDEX"] = index.ToString(CultureInfo.InvariantCulture),
                },
            };
            await Subprocess.RunAsync(spec, async process => await process.WaitAsync());
        });
        return Stopwatch.GetElapsedTime(start);
    }

    private static string Checksum(string folder)
    {
        using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var index = 1; index <= Jobs; index++)
        {
            sum.AppendData(Encoding.UTF8.GetBytes(File.ReadAllText(Path.Combine(folder, index.ToString(CultureInfo.InvariantCulture)))));
        }

        return Convert.ToHexStringLower(sum.GetHashAndReset());
    }
}
