using System.Diagnostics;
using System.Text.Json;

namespace Drover.Samples.Tests;

public sealed class OrbitsTests : IDisposable
{
    private static readonly string s_sample = Path.Combine(AppContext.BaseDirectory, "orbits");

    // The names have a space, which every path in the script has to survive.
    private readonly string _folder = Directory.CreateTempSubdirectory("drover orbits ").FullName;
    private readonly string _results;
    private readonly string _progress;

    public OrbitsTests()
    {
        _results = Directory.CreateDirectory(Path.Combine(_folder, "the results")).FullName;
        _progress = Path.Combine(_folder, "the progress");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Timeout = 300_000)]
    public async Task After_a_century_every_planet_is_where_it_was_published_to_be()
    {
        await using SampleProcess orbits = Start(s_sample);

        int exitCode = await orbits.EndAsync();

        Assert.Equal("", orbits.Errors.Text);
        Assert.Equal("8 of 8 planets are within 25 arcseconds of their published positions.", orbits.Output.Lines[^1]);
        Assert.Equal(0, exitCode);
        PositionTable computed = PositionTable.Read(Result("positions.txt"));
        var published = PositionTable.Read(Path.Combine(s_sample, "published.txt"));
        Assert.Equal(2451545, published.Epoch);
        Assert.Equal(published.Epoch, computed.Epoch);
        Assert.Equal(8, published.Positions.Count);
        Assert.Equal(published.Positions.Keys, computed.Positions.Keys);
        Assert.All(published.Positions, planet =>
        {
            Position there = computed.Positions[planet.Key];
            // Only the outer planets use up what the script allows. Relativity moves Mercury by 26 arcseconds in a
            // century, and the Moon the Earth by 16.
            Assert.InRange(there.ArcsecondsFrom(planet.Value), 0, planet.Key is "mercury" or "earth-moon" ? 3 : 20);
            Assert.InRange(there.Distance / planet.Value.Distance, 0.9999, 1.0001);
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task The_trajectory_has_a_sample_of_every_planet_each_30_days()
    {
        await using SampleProcess orbits = Start(s_sample, "--years", "2", "--step", "0.5");

        Assert.Equal(0, await orbits.EndAsync());

        string[] lines = await File.ReadAllLinesAsync(Result("trajectory.csv"));
        Assert.Equal("julian_day,planet,x_au,y_au,z_au", lines[0]);
        string[][] samples = [.. lines.Skip(1).Select(line => line.Split(','))];
        Assert.Equal(
            Enumerable.Range(0, 25).Select(month => 2415020 + (30.0 * month)),
            samples.Select(sample => double.Parse(sample[0])).Distinct());
        Assert.Equal(25 * 8, samples.Length);
        Assert.All(samples.Where(sample => sample[1] == "earth-moon"), sample =>
            Assert.InRange(Position.Parse(sample.AsSpan(2)).Distance, 0.983, 1.017));
    }

    [Fact(Timeout = 60_000)]
    public async Task Progress_is_a_line_of_JSON_for_each_percent()
    {
        await using SampleProcess orbits = Start(s_sample, "--years", "2", "--step", "0.5");

        Assert.Equal(0, await orbits.EndAsync());

        Assert.EndsWith("so nothing is compared.\n", orbits.Output.Text, StringComparison.Ordinal);
        JsonElement[] progress = [.. (await File.ReadAllLinesAsync(_progress)).Select(line => JsonElement.Parse(line))];
        Assert.Equal(
            Enumerable.Range(0, 101).Select(percent => percent / 100.0),
            progress.Select(line => line.GetProperty("fraction").GetDouble()));
        Assert.Equal("year 0.02 of 2", progress[1].GetProperty("message").GetString());
        Assert.Equal("year 2 of 2", progress[^1].GetProperty("message").GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task What_it_prints_comes_while_it_runs_even_if_nobody_asks_for_its_progress()
    {
        ProcessStartInfo program = Program(s_sample);
        program.Environment.Remove("DROVER_PROGRESS");
        await using SampleProcess orbits = SampleProcess.Start(program);

        await orbits.Output.WaitForAsync("year 0 of 100: ");

        Assert.False(File.Exists(Result("positions.txt")));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(" 1047.355 ", " 1040.355 ")]
    [InlineData("jupiter ", "# jupiter ")]
    public async Task Without_the_right_Jupiter_the_planets_are_elsewhere_and_the_exit_code_is_1(string right, string wrong)
    {
        string sample = CopySample();
        string planets = Path.Combine(sample, "planets.txt");
        string content = await File.ReadAllTextAsync(planets);
        Assert.Contains(right, content, StringComparison.Ordinal);
        await File.WriteAllTextAsync(planets, content.Replace(right, wrong, StringComparison.Ordinal));

        await using SampleProcess orbits = Start(sample, "--step", "1");
        int exitCode = await orbits.EndAsync();

        Assert.Matches(@"^[0-4] of 8 planets are within 25 arcseconds", orbits.Output.Lines[^1]);
        Assert.Equal(1, exitCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("'ten' is not a number of years between 0 and 1000", "--years", "ten")]
    [InlineData("'0' is not a number of years between 0 and 1000", "--years", "0")]
    [InlineData("'' is not a number of years between 0 and 1000", "--years")]
    [InlineData("'100' is not a step between 0 and 10 days", "--step", "100")]
    [InlineData("'--year' is not an option; there are --years YEARS and --step DAYS", "--year", "10")]
    public async Task A_wrong_argument_is_refused_in_one_sentence(string sentence, params string[] arguments)
    {
        await using SampleProcess orbits = Start(s_sample, arguments);

        await AssertRefusedAsync(orbits, sentence);
    }

    [Fact(Timeout = 60_000)]
    public async Task Without_its_input_it_says_which_file_it_cannot_read()
    {
        string sample = CopySample();
        string planets = Path.Combine(sample, "planets.txt");
        File.Delete(planets);

        await using SampleProcess orbits = Start(sample);

        await AssertRefusedAsync(orbits, $"cannot read {planets}");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_line_that_is_no_planet_is_refused_with_its_number()
    {
        string sample = CopySample();
        string planets = Path.Combine(sample, "planets.txt");
        await File.WriteAllTextAsync(planets, "# nothing here\nvulcan is not there\n");

        await using SampleProcess orbits = Start(sample);

        await AssertRefusedAsync(orbits, $"line 2 of {planets} is neither a constant nor a planet");
    }

    [Fact(Timeout = 60_000)]
    public async Task A_results_folder_that_cannot_be_written_is_refused()
    {
        Directory.Delete(_results);

        await using SampleProcess orbits = Start(s_sample);

        await AssertRefusedAsync(orbits, $"cannot write to the results folder {_results}");
    }

    private async Task AssertRefusedAsync(SampleProcess orbits, string sentence)
    {
        int exitCode = await orbits.EndAsync();

        Assert.Equal($"orbits: {sentence}.\n", orbits.Errors.Text);
        Assert.Equal("", orbits.Output.Text);
        Assert.Equal(2, exitCode);
        Assert.False(File.Exists(Result("positions.txt")) || File.Exists(Result("trajectory.csv")));
    }

    private SampleProcess Start(string sample, params string[] arguments) => SampleProcess.Start(Program(sample, arguments));

    private ProcessStartInfo Program(string sample, params string[] arguments) =>
        new(Path.Combine(sample, "orbits.sh"), arguments)
        {
            WorkingDirectory = _folder,
            Environment = { ["DROVER_RUN_DIR"] = _results, ["DROVER_PROGRESS"] = _progress },
        };

    private string Result(string name) => Path.Combine(_results, name);

    private string CopySample()
    {
        string copy = Directory.CreateDirectory(Path.Combine(_folder, "a copy")).FullName;
        foreach (string file in Directory.GetFiles(s_sample))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    private readonly record struct Position(double X, double Y, double Z)
    {
        public double Distance => Math.Sqrt((X * X) + (Y * Y) + (Z * Z));

        public static Position Parse(ReadOnlySpan<string> coordinates) =>
            new(double.Parse(coordinates[0]), double.Parse(coordinates[1]), double.Parse(coordinates[2]));

        /// <summary>The angle between the two, seen from the Sun: by the chord between their directions.</summary>
        public double ArcsecondsFrom(Position other)
        {
            var chord = new Position(
                (X / Distance) - (other.X / other.Distance),
                (Y / Distance) - (other.Y / other.Distance),
                (Z / Distance) - (other.Z / other.Distance));
            return 2 * Math.Asin(chord.Distance / 2) * 180 / Math.PI * 3600;
        }
    }

    private sealed record PositionTable(double Epoch, IReadOnlyDictionary<string, Position> Positions)
    {
        public static PositionTable Read(string file)
        {
            string[][] lines =
            [
                .. File.ReadLines(file)
                    .Where(line => line.Length > 0 && line[0] != '#')
                    .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            ];
            return new PositionTable(
                double.Parse(lines.Single(words => words[0] == "epoch")[1]),
                lines.Where(words => words.Length > 2).ToDictionary(words => words[0], words => Position.Parse(words.AsSpan(1))));
        }
    }
}
