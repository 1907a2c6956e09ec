using Drover.Cli.Submitting;

namespace Drover.Cli.Tests.Submitting;

public sealed class JobPlaceTests : IDisposable
{
    private readonly string _here = Directory.CreateTempSubdirectory("drover-place-").FullName;

    public JobPlaceTests()
    {
        Directory.CreateDirectory(Path.Combine(_here, "data"));
        File.WriteAllText(Path.Combine(_here, "data", "in.json"), "{}");
        File.WriteAllText(Path.Combine(_here, "a=b"), "");
        File.WriteAllText(Path.Combine(_here, "model"), "");
    }

    [Theory]
    [InlineData("data", "data", "data")]
    [InlineData("data/", "data", "data")]
    [InlineData("data/in.json", "data/in.json", "in.json")]
    [InlineData("data/in.json=conf/a.json", "data/in.json", "conf/a.json")]
    [InlineData("./data=./x//y/", "data", "x/y")]
    [InlineData("a=b", "a=b", "a=b")]
    [InlineData("a=b=c", "a=b", "c")]
    [InlineData(".", "", "")]
    [InlineData("data=.", "data", "")]
    public void An_input_is_a_path_here_and_a_place_there(string text, string path, string name) =>
        Assert.Equal(new InputArgument(Path.Combine(_here, path).TrimEnd('/'), name), InputArgument.Parse(text, _here));

    [Theory]
    [InlineData("gone", "there is no ")]
    [InlineData("data=../x", "is no place in the run directory")]
    [InlineData("data=/x", "is no place in the run directory")]
    [InlineData("data=x/../y", "is no place in the run directory")]
    public void An_input_that_cannot_be_one_is_wrong_usage(string text, string sentence)
    {
        CliException e = Assert.Throws<CliException>(() => InputArgument.Parse(text, _here));
        Assert.Equal(ExitCodes.WrongUsage, e.ExitCode);
        Assert.Contains(sentence, e.Message);
    }

    [Fact]
    public void A_program_here_goes_along_with_inputs()
    {
        (string[] command, InputArgument[] inputs) = Place("data").WithProgram(["./model", "x"], null, _here);
        Assert.Equal(["./model", "x"], command);
        Assert.Equal(new InputArgument(Path.Combine(_here, "model"), "model"), inputs[^1]);
    }

    [Theory]
    [InlineData("./model", "model")] // It is an input already.
    [InlineData("./model", ".")]
    [InlineData("./nothing", "data")]
    [InlineData("/bin/sh", "data")]
    [InlineData("model", "data")] // Found on the PATH.
    public void A_program_that_is_there_or_elsewhere_does_not(string program, string input) =>
        Assert.Single(Place(input).WithProgram([program], null, _here).Inputs);

    [Fact]
    public void A_program_that_would_be_outside_of_the_run_directory_is_wrong_usage()
    {
        string below = Path.Combine(_here, "data");
        var place = new JobPlace { Site = "local", Inputs = [InputArgument.Parse("in.json", below)] };
        Assert.Contains("add --input ../model", Assert.Throws<CliException>(() => place.WithProgram(["../model"], null, below)).Message);
    }

    [Theory]
    [InlineData("local", null, false, null, false, "")]
    [InlineData("local", null, false, null, true, null)]
    [InlineData("local", "data", false, null, true, "data")]
    [InlineData("local", null, true, null, false, null)]
    [InlineData("local", null, false, "shared", false, null)]
    [InlineData("nersc", null, false, null, false, null)]
    public void The_directory_is_the_one_here_unless_something_says_otherwise(
        string site, string? directory, bool isInRunDirectory, string? shared, bool hasInputs, string? expected)
    {
        var place = new JobPlace
        {
            Site = site,
            Directory = directory,
            IsInRunDirectory = isInRunDirectory,
            RunDirectory = shared,
            Inputs = hasInputs ? [InputArgument.Parse("data", _here)] : [],
        };
        Assert.Equal(expected is null ? null : Path.Combine(_here, expected).TrimEnd('/'), place.WorkingDirectory(_here));
    }

    public void Dispose() => Directory.Delete(_here, recursive: true);

    private JobPlace Place(string input) => new() { Site = "local", Inputs = [InputArgument.Parse(input, _here)] };
}
