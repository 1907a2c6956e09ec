using System.Globalization;
using System.Text.RegularExpressions;
using Drover.Protocol.Jobs;

namespace Drover.Guide.Tests;

/// <summary>The tables of the guides are complete and agree with the code.</summary>
public sealed class ReferenceTests
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture;
    private static readonly Regex s_constant = new(@"public const int \w+ = (?<code>\d+);", Options);
    private static readonly Regex s_helpLine = new(@"^ +(?<code>\d+)  +(?<meaning>\S.*)$", Options | RegexOptions.Multiline);

    private static readonly string s_exitCodes = File.ReadAllText(Repository.PathOf("src/Drover.Cli/ExitCodes.cs"));

    /// <summary>One of each ending, with the words for it in the table of exit codes.</summary>
    public static TheoryData<Ending, string> Endings => new()
    {
        { new Ending.TimeLimit(1), "time limit" },
        { new Ending.Lost(""), "lost, node failed, preempted" },
        { new Ending.NodeFailed(""), "lost, node failed, preempted" },
        { new Ending.Preempted(""), "lost, node failed, preempted" },
        { new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, ""), "not started: no such program" },
        { new Ending.LaunchFailed(LaunchFailure.NotExecutable, ""), "not started: any reason but the next" },
        { new Ending.LaunchFailed(LaunchFailure.NoSuchDirectory, ""), "not started: any reason but the next" },
        { new Ending.LaunchFailed(LaunchFailure.CannotLimit, ""), "not started: any reason but the next" },
        { new Ending.Canceled("ada"), "canceled" },
        { new Ending.OutOfMemory(), "out of memory" },
    };

    [Theory]
    [MemberData(nameof(Endings))]
    public void The_exit_code_of_an_ending_is_in_the_guide(Ending ending, string words) =>
        Assert.Contains((ending.ExitCode.ToString(CultureInfo.InvariantCulture), words), Rows("docs/guide/endings.md"));

    [Fact]
    public void The_exit_codes_of_signals_and_of_programs_are_as_the_guide_says()
    {
        Assert.Contains(("128 + n", "signaled, by the signal with number n"), Rows("docs/guide/endings.md"));
        Assert.Equal(128 + 11, new Ending.Signaled(11, "SIGSEGV").ExitCode);
        Assert.Contains(("its own", "exited"), Rows("docs/guide/endings.md"));
        Assert.Equal(3, new Ending.Exited(3).ExitCode);
    }

    [Fact]
    public void Every_exit_code_of_the_command_line_is_in_the_guide()
    {
        string[] codes = [.. s_constant.Matches(s_exitCodes).Select(match => match.Groups["code"].Value)];
        Assert.NotEmpty(codes);
        Assert.All(codes, code => Assert.Contains(Rows("docs/guide/endings.md"), row => row.First == code));
    }

    [Fact]
    public void What_help_says_of_the_exit_codes_of_the_command_line_is_what_the_guide_says()
    {
        (string Code, string Meaning)[] lines =
            [.. s_helpLine.Matches(s_exitCodes).Select(match => (match.Groups["code"].Value, match.Groups["meaning"].Value))];
        string[] ofTheCommandLine = ["0", "1", "2", "3", "4"];
        Assert.All(ofTheCommandLine, code => Assert.Contains(
            (code, Assert.Single(lines, line => line.Code == code).Meaning), Rows("docs/guide/endings.md")));
        Assert.All(lines, line => Assert.Contains(Rows("docs/guide/endings.md"), row => row.First == line.Code));
    }

    [Fact]
    public void Every_kind_of_ending_has_a_row_in_the_guide() => Assert.All(
        typeof(Ending).GetNestedTypes(),
        kind => Assert.Contains(Rows("docs/guide/endings.md"), row => row.First.Contains(
            kind == typeof(Ending.LaunchFailed) ? "not started" : Spaced(kind.Name), StringComparison.Ordinal)));

    [Fact]
    public void Every_reason_for_a_failed_start_has_a_row_in_the_guide() => Assert.All(
        Enum.GetNames<LaunchFailure>(), reason => Assert.Contains(Rows("docs/guide/endings.md"), row => row.First == Spaced(reason)));

    /// <summary>The first two cells of each row of the document's tables.</summary>
    private static IEnumerable<(string First, string Second)> Rows(string document) =>
        from line in File.ReadLines(Repository.PathOf(document))
        where line.StartsWith("| ", StringComparison.Ordinal)
        let cells = line.Split(" | ")
        where cells.Length > 1
        select (cells[0].TrimStart('|').Trim(), cells[1].TrimEnd('|').Trim());

    /// <summary>NoSuchProgram: no such program.</summary>
    private static string Spaced(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : " ") + char.ToLowerInvariant(c) : $"{c}"));
}
