using System.CommandLine;
using System.CommandLine.Help;
using Drover.Cli.Commands;
using Drover.Cli.Help;

namespace Drover.Cli.Completions;

/// <summary>
/// Finds what can stand at the cursor, from the commands themselves: what an option or argument is called in help says what
/// it takes. A server is asked only for jobs and their files, and never started.
/// </summary>
internal sealed class Completer(CommandContext context)
{
    /// <summary>What can stand at the cursor.</summary>
    /// <param name="words">The words from the program's name to the one at the cursor, which may be empty.</param>
    public async Task<Completion> FindAsync(IReadOnlyList<string> words)
    {
        string current = words.Count > 1 ? words[^1] : "";
        string[] before = [.. words.Skip(1).SkipLast(1)];
        RootCommand root = CommandLine.MakeRoot(new SharedOptions());
        var line = TypedLine.Read(root, before);
        if (line.Option is { } option)
        {
            return await ValuesAsync(option.HelpName ?? "", line, current);
        }

        if (current.StartsWith('-') && !line.IsBeyondOptions)
        {
            int equals = current.IndexOf('=');
            if (equals > 0 && line.Options().FirstOrDefault(o => o.Name == current[..equals] && o.Arity.MaximumNumberOfValues > 0) is { } named)
            {
                Completion values = await ValuesAsync(named.HelpName ?? "", line, current[(equals + 1)..]);
                return values with { Candidates = [.. values.Candidates.Select(c => c with { Word = current[..(equals + 1)] + c.Word })] };
            }

            return Options(line);
        }

        if (line.Command.Subcommands.Count > 0 && line.Values.Count == 0)
        {
            return new Completion { Candidates = [.. line.Command.Subcommands.Where(c => !c.Hidden).Select(c => new Candidate(c.Name, c.Description ?? ""))] };
        }

        return line.Argument is { } argument ? await ValuesAsync(argument.HelpName ?? "", line, current) : new Completion();
    }

    private static Completion Options(TypedLine line) => new()
    {
        Candidates = [.. line.Options().Select(o => new Candidate(o is HelpOption ? "--help" : o.Name, o.Description ?? ""))],
    };

    /// <summary>What fits a name in help, such as FILE or ID.</summary>
    private async Task<Completion> ValuesAsync(string what, TypedLine line, string current) => what switch
    {
        "ID" or "ID..." or "[WHEN:]ID,..." => await JobsAsync(line, current),
        "PATH" when line.Command.Name is "files" or "get" && line.Values is [var job, ..] => await FilesAsync(job, current),
        "SITE" => await SitesAsync(),
        "FILE" or "PATH" or "PATH[=NAME]" or "TO" => new Completion { Paths = PathKind.Files },
        "DIR" => new Completion { Paths = PathKind.Folders },
        "COMMAND [ARGUMENT...]" => new Completion { Paths = line.Values.Count == 0 ? PathKind.Programs : PathKind.Files },
        "COMMAND | TOPIC" => new Completion { Candidates = [.. Topics()] },
        _ when what.Contains('|') && !what.Contains(' ') => new Completion { Candidates = [.. what.Split('|').Select(w => new Candidate(w))] },
        _ => new Completion(),
    };

    private static IEnumerable<Candidate> Topics() =>
        CommandLine.MakeRoot(new SharedOptions()).Subcommands.Where(c => !c.Hidden).Select(c => new Candidate(c.Name, c.Description ?? ""))
            .Concat(HelpTopics.All.Select(t => new Candidate(t.Name, t.About)));

    private async Task<Completion> JobsAsync(TypedLine line, string current)
    {
        int separator = current.LastIndexOfAny([':', ',']);
        string prefix = separator < 0 ? "" : current[..(separator + 1)];
        bool isUnfinished = line.Command.Name is "cancel" or "hold" or "release" or "change" or "wait" || line.Option is not null;
        IReadOnlyList<Candidate> jobs = await new JobCandidates(context).FindAsync(current[prefix.Length..], isUnfinished);
        return new Completion { Candidates = [.. jobs.Where(j => !line.Values.Contains(j.Word)).Select(j => j with { Word = prefix + j.Word })] };
    }

    private async Task<Completion> FilesAsync(string job, string current)
    {
        string folder = current.Contains('/') ? current[..current.LastIndexOf('/')] : "";
        IReadOnlyList<Candidate> files = await new JobCandidates(context).FilesAsync(job, folder);
        return new Completion { Candidates = files, GoesOn = files.Any(f => f.Word.EndsWith('/')) };
    }

    private async Task<Completion> SitesAsync() => new() { Candidates = await new JobCandidates(context).SitesAsync() };
}
