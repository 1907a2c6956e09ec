using System.Globalization;

namespace Drover.Samples;

/// <summary>A two-way pipeline of generators: measurements go in one by one, averages come out, a report is returned.</summary>
/// <remarks>
/// Notice:
/// - A generator is a conversation. Each SendAsync puts a measurement in and takes the average so far out; what the
///   averager has counted lives in its local variables.
/// - The report delegates to one averager after the other. What is sent or thrown in goes straight through to the
///   innermost one; its return value comes back to the report.
/// - A broken line is thrown in, where the averager can decide what it means.
/// </remarks>
internal static class Pipeline
{
    private static readonly string[] s_stations = ["north", "south"];
    private static readonly string[] s_north = ["12.0", "13.0", "?", "14.0"];
    private static readonly string[] s_south = ["21.0", "22.0"];

    internal sealed record Summary(string Station, int Count, double? Average, int Broken)
    {
        public override string ToString() => $"{Station}: {Average:0.0}° from {Count} measurements, {Broken} broken";
    }

    public static async Task<IReadOnlyList<Summary>> RunAsync(TextWriter output)
    {
        IReadOnlyList<Summary> summaries = [];
        await using Generator<double?, double?, IReadOnlyList<Summary>> report = Report(s_stations);
        await report.NextAsync(); // Runs it to its first yield, where it waits for a measurement.

        await foreach (string line in Lines().ToAsyncEnumerable())
        {
            GeneratorStep<double?, IReadOnlyList<Summary>> step = line switch
            {
                "end" => await report.SendAsync(null),
                _ when TryParse(line, out double measurement) => await report.SendAsync(measurement),
                _ => await report.ThrowAsync(new FormatException($"'{line}' is not a number.")),
            };

            if (step.TryGetYielded(out double? average))
            {
                output.WriteLine($"{line,4} → {average?.ToString("0.0") ?? "nothing yet"}");
            }
            else
            {
                summaries = step.Returned;
            }
        }

        foreach (Summary summary in summaries)
        {
            output.WriteLine(summary);
        }

        return summaries;
    }

    /// <summary>The source: the lines of both stations, one after the other.</summary>
    private static Generator<string, ValueTuple, ValueTuple> Lines() => new(async lines =>
    {
        await lines.DelegateAsync(s_north);
        await lines.YieldAsync("end");
        await lines.DelegateAsync(s_south);
        await lines.YieldAsync("end");
        return default;
    });

    private static Generator<double?, double?, IReadOnlyList<Summary>> Report(string[] stations) => new(async report =>
    {
        var summaries = new List<Summary>();
        foreach (string station in stations)
        {
            summaries.Add(await report.DelegateAsync(Averager(station)));
        }

        return summaries;
    });

    /// <summary>Takes measurements and gives the average so far; returns when it is sent null.</summary>
    private static Generator<double?, double?, Summary> Averager(string station) => new(async averager =>
    {
        int count = 0;
        int broken = 0;
        double sum = 0;
        while (true)
        {
            double? average = count == 0 ? null : sum / count;
            try
            {
                if (await averager.YieldAsync(average) is not { } measurement)
                {
                    return new Summary(station, count, average, broken);
                }

                sum += measurement;
                count++;
            }
            catch (FormatException)
            {
                broken++;
            }
        }
    });

    private static bool TryParse(string line, out double measurement) =>
        double.TryParse(line, CultureInfo.InvariantCulture, out measurement);
}
