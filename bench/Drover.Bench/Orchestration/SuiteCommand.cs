using System.CommandLine;

namespace Drover.Bench.Orchestration;

/// <summary>A command that measures every case of a suite for every peer, and prints one table.</summary>
internal static class SuiteCommand
{
    private const int BadInput = 2;
    private const int Interrupted = 130;

    public static Command Create(BenchmarkSuite suite)
    {
        var json = new Option<bool>("--json") { Description = "Print the results as JSON; progress goes to standard error." };
        var only = new Option<string[]>("--only") { Description = "Run these cases only (comma list, may be repeated)." };
        var peers = new Option<string[]>("--peers") { Description = "Run these peers only (comma list, may be repeated)." };
        var repeat = new Option<int?>("--repeat") { Description = "Measure each case this often, in place of what the case asks." };
        var markdown = new Option<string?>("--markdown") { Description = $"Also put the table into this Markdown file, between its {suite.Name} markers." };
        var command = new Command(suite.Name, suite.Description) { json, only, peers, repeat, markdown };
        command.SetAction(async (parsed, _) =>
        {
            try
            {
                return await RunAsync(
                    suite with
                    {
                        Cases = Choose(parsed.GetValue(only), suite.Cases, each => each.Name, "case"),
                        Peers = Choose(parsed.GetValue(peers), suite.Peers, each => each.Name, "peer"),
                    },
                    parsed.GetValue(repeat),
                    parsed.GetValue(json),
                    parsed.GetValue(markdown));
            }
            catch (BenchmarkException badInput)
            {
                await Console.Error.WriteLineAsync(badInput.Message);
                return BadInput;
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync("Interrupted: no table.");
                return Interrupted;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(BenchmarkSuite suite, int? repetitions, bool asJson, string? markdownFile)
    {
        if (repetitions < 1)
        {
            throw new BenchmarkException($"--repeat {repetitions} measures nothing: give a number from 1 on.");
        }

        var section = markdownFile is null ? null : MarkedSection.Find(markdownFile, suite.Name);
        var peers = await LeaveOutMissingAsync(suite.Peers);
        using var workspace = Workspace.Create();
        var rows = await new BenchmarkRun(suite.Cases, peers, repetitions, workspace, Console.Error).RunAsync();
        var verdicts = suite.Targets.Select(target => target.Judge(rows)).OfType<TargetVerdict>().ToList();
        var table = ResultTable.Format(rows, peers, verdicts, await Machine.DescribeAsync(suite));
        section?.Replace(table);
        Console.Out.WriteLine(asJson ? ResultJson.Format(rows, verdicts) : table);
        return rows.Any(row => row.Results.Values.Any(result => result is CaseResult.Failed)) ? 1 : 0;
    }

    private static async Task<List<Peer>> LeaveOutMissingAsync(IReadOnlyList<Peer> wanted)
    {
        var present = new List<Peer>();
        foreach (var peer in wanted)
        {
            if (await peer.WhyMissing() is { } reason)
            {
                await Console.Error.WriteLineAsync($"{peer.Name} is left out: {reason}");
            }
            else
            {
                present.Add(peer);
            }
        }

        return present;
    }

    /// <summary>The named ones in the order of the table; all when none is named.</summary>
    private static List<T> Choose<T>(string[]? lists, IReadOnlyList<T> all, Func<T, string> nameOf, string kind)
    {
        var names = (lists ?? [])
            .SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .ToHashSet(StringComparer.Ordinal);
        var known = all.Select(nameOf).ToList();
        if (names.FirstOrDefault(name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown)
        {
            throw new BenchmarkException($"There is no {kind} '{unknown}'; there are {string.Join(", ", known)}.");
        }

        return [.. all.Where(each => names.Count == 0 || names.Contains(nameOf(each)))];
    }
}
