using System.Diagnostics;

namespace Drover.Guide.Tests;

/// <summary>
/// The programs in other languages, whole as they stand in the guide. Each is skipped where its language or library is
/// not installed: nobody needs them to work on this repository.
/// </summary>
public sealed class PeerTests
{
    private const string Guide = "docs/guide/coroutines.md";
    private const string Python = "/usr/bin/python3";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private static IEnumerable<Block> Programs => Block.In(Guide).Where(block => block.Language is "python" or "go");

    public static TheoryData<string> Names => [.. Programs.Select(block => block.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_program_in_another_language_prints_what_the_guide_says(string name)
    {
        Block program = Programs.Single(block => block.Name == name);
        string[] run = program.Language == "go" ? ["go", "run"] : [Python];
        string[] probe = program.Language == "go" ? ["go", "version"] : [Python, "-c", ImportsOf(program)];
        Assert.SkipUnless((await RunAsync(probe)).IsSuccess, $"`{string.Join(' ', probe)}` fails here.");

        string file = Path.Combine(Directory.CreateTempSubdirectory("drover-guide").FullName, $"ask.{(program.Language == "go" ? "go" : "py")}");
        try
        {
            await File.WriteAllTextAsync(file, program.Text);
            (bool isSuccess, string output) = await RunAsync([.. run, file]);
            Assert.True(isSuccess, $"{program}: {output}");
            Assert.Equal(Block.In(Guide).Single(block => block.Language == "text" && block.Name == "ask").Text, output);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static string ImportsOf(Block program) => string.Join(
        "; ", program.Text.Split('\n').Where(line => line.StartsWith("import ", StringComparison.Ordinal) || line.StartsWith("from ", StringComparison.Ordinal)));

    private static async Task<(bool IsSuccess, string Output)> RunAsync(string[] command)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(command[0], command[1..])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(s_patience);
            return (process.ExitCode == 0, await output + await errors);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (false, e.Message);
        }
    }
}
