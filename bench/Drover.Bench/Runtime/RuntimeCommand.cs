using System.CommandLine;

namespace Drover.Bench.Runtime;

/// <summary><c>Drover.Bench runtime</c>: every case for every peer, and one table.</summary>
internal static class RuntimeCommand
{
    private const int BadInput = 2;

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print the results as JSON; progress goes to standard error." };
        var only = new Option<string[]>("--only") { Description = "Run these cases only (comma list, may be repeated)." };
        var peers = new Option<string[]>("--peers") { Description = "Run these peers only (comma list, may be repeated)." };
        var repeat = new Option<int?>("--repeat") { Description = "Measure each case this often, in place of 5, 3 or 1 times." };
        var markdown = new Option<string?>("--markdown") { Description = "Also put the table into this Markdown file, between its runtime markers." };
        var command = new Command("runtime", "Measure Drover.Coroutines and its peers, and print one table.") { json, only, peers, repeat, markdown };
        command.SetAction(async (parsed, _) =>
        {
            try
            {
                return await RunAsync(
                    Choose(parsed.GetValue(only), BenchmarkCase.All, each => each.Name, "case"),
                    Choose(parsed.GetValue(peers), Peer.All, each => each.Name, "peer"),
                    parsed.GetValue(repeat),
                    parsed.GetValue(json),
                    parsed.GetValue(markdown));
            }
            catch (BenchmarkException badInput)
            {
                await Console.Error.WriteLineAsync(badInput.Message);
                return BadInput;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<BenchmarkCase> cases, IReadOnlyList<Peer> wantedPeers, int? repetitions, bool asJson, string? markdownFile)
    {
        if (repetitions < 1)
        {
            throw new BenchmarkException($"--repeat {repetitions} measures nothing: give a number from 1 on.");
        }

        var section = markdownFile is null ? null : MarkedSection.Find(markdownFile);
        var peers = await LeaveOutMissingAsync(wantedPeers);
        var rows = await new RuntimeBenchmark(cases, peers, repetitions, Console.Error).RunAsync();
        var table = ResultTable.Format(rows, peers, await Machine.DescribeAsync());
        section?.Replace(table);
        Console.Out.WriteLine(asJson ? ResultJson.Format(rows) : table);
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
