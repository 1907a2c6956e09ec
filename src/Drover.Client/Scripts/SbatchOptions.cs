using System.Globalization;

namespace Drover.Client.Scripts;

/// <summary>The options of <c>#SBATCH</c> lines, as sbatch(1) of Slurm 24 describes them, as far as they have a counterpart.</summary>
internal sealed class SbatchOptions
{
    private const long Mebibyte = 1L << 20;

    /// <summary>Why it makes no difference, or what to write instead.</summary>
    private static readonly Dictionary<string, string> s_advice = new()
    {
        ["--output"] = "what a job writes is kept anyway; `drover log ID` shows it",
        ["--error"] = "what a job writes is kept anyway; `drover log ID --stream stderr` shows it",
        ["--open-mode"] = "each attempt has a log of its own",
        ["--input"] = "the standard input of a job is empty",
        ["--mail-type"] = "nobody is written to; `drover wait ID` waits for the end",
        ["--mail-user"] = "nobody is written to; `drover wait ID` waits for the end",
        ["--nodes"] = "a job runs on one machine",
        ["--ntasks-per-node"] = "a job is one task; #DROVER --cpus says how many CPUs it has",
        ["--partition"] = "there are no partitions; #DROVER --site says where it runs",
        ["--nodelist"] = "there are no node names; #DROVER --site says where it runs",
        ["--priority"] = "Slurm's scale is another; #DROVER --priority takes -1000 to 1000",
        ["--nice"] = "Slurm's scale is another; #DROVER --priority takes -1000 to 1000",
        ["--requeue"] = "#DROVER --retries says what is tried again",
        ["--export"] = "the environment is the agent's; #DROVER --env NAME adds a variable",
        ["--signal"] = "at its end a job gets SIGTERM; #DROVER --grace says how long before SIGKILL",
        ["--mem"] = "all memory of a machine cannot be had; write how much",
    };

    private static readonly Dictionary<char, string> s_letters = new()
    {
        ['o'] = "--output",
        ['e'] = "--error",
        ['i'] = "--input",
        ['N'] = "--nodes",
        ['p'] = "--partition",
        ['w'] = "--nodelist",
    };

    private readonly DirectiveNotes _notes;
    private readonly DirectiveOption[] _known;
    private int? _tasks;
    private int? _cpusPerTask;
    private long? _memoryPerCpu;
    private int _line;

    public SbatchOptions(DirectiveNotes notes)
    {
        _notes = notes;
        _known =
        [
            new("--cpus-per-task", 'c', "a whole number from 1", (d, v) => (_cpusPerTask = JobWords.Whole(v, 1)) is null ? null : d),
            new("--ntasks", 'n', "a whole number from 1", (d, v) => (_tasks = JobWords.Whole(v, 1)) is null ? null : d),
            new("--time", 't', "a time, such as 90 (minutes), 30:00, 12:00:00 or 2-00:00:00", Time),
            new("--mem", '\0', "a size, such as 500 (megabytes) or 4G", Memory),
            new("--mem-per-cpu", '\0', "a size, such as 500 (megabytes) or 4G", (d, v) => (_memoryPerCpu = Megabytes(v)) is null ? null : d),
            new("--job-name", 'J', "a name", (d, v) => d with { Name = v }),
            new("--array", 'a', "indices, such as 1-1000%50", DroverOptions.Array, JobWords.ArrayFault),
            new("--dependency", 'd', "dependencies, such as afterok:12:13,afterany:14", Dependency),
            new("--hold", 'H', null, (d, _) => d with { Hold = true }),
            new("--chdir", 'D', "a directory", (d, v) => d with { WorkingDirectory = v }),
            new("--nodes", 'N', "a whole number from 1", Nodes),
            new("--no-requeue", '\0', null, (d, _) => d),
        ];
    }

    public ScriptDirectives Read(IEnumerable<DirectiveLine> lines)
    {
        var directives = new ScriptDirectives();
        foreach (DirectiveLine line in lines)
        {
            _line = line.Number;
            directives = DirectiveOption.Read(_known, directives, line, _notes, Ignore);
        }

        int? cpus = _tasks is null && _cpusPerTask is null ? null : (int)Math.Min((long)(_tasks ?? 1) * (_cpusPerTask ?? 1), int.MaxValue);
        return directives with
        {
            Cpus = cpus,
            MemoryBytes = directives.MemoryBytes ?? (_memoryPerCpu is { } each ? (long)Math.Min((double)each * (cpus ?? 1), long.MaxValue / 2) : null),
        };
    }

    private ScriptDirectives? Time(ScriptDirectives directives, string text)
    {
        bool isUnlimited = text is "0" || text.Equals("INFINITE", StringComparison.OrdinalIgnoreCase) || text.Equals("UNLIMITED", StringComparison.OrdinalIgnoreCase);
        return isUnlimited ? directives with { TimeLimitSeconds = null }
            : Quantities.TryParseSlurmDuration(text, out TimeSpan duration) ? directives with { TimeLimitSeconds = duration.TotalSeconds }
            : null;
    }

    private ScriptDirectives? Memory(ScriptDirectives directives, string text)
    {
        if (text == "0")
        {
            Ignore("--mem", text);
            return directives;
        }

        return Megabytes(text) is { } bytes ? directives with { MemoryBytes = bytes } : null;
    }

    private ScriptDirectives? Nodes(ScriptDirectives directives, string text)
    {
        if (text is not ("1" or "1-1"))
        {
            Ignore("--nodes", text);
        }

        return directives;
    }

    /// <summary>A comma between dependencies means all of them; a question mark, which means any, is not read.</summary>
    private ScriptDirectives? Dependency(ScriptDirectives directives, string text)
    {
        var after = new List<ScriptDependency>();
        foreach (string part in text.Split(','))
        {
            string[] words = part.Split(':');
            DependencyKind? kind = words[0] switch
            {
                "afterok" => DependencyKind.Succeeded,
                "afterany" => DependencyKind.Ended,
                "afternotok" => DependencyKind.Failed,
                _ => null,
            };
            if (words[0] is "singleton" or "after" or "aftercorr" or "afterburstbuffer")
            {
                // It would start too early: that has to be decided by a person.
                _notes.Refuse(_line, $"--dependency {words[0]} is not known; there are afterok, afterany and afternotok");
                return directives;
            }

            if (kind is null || JobWords.ParseJobs(words[1..], kind.Value) is not { } jobs)
            {
                return null;
            }

            after.AddRange(jobs);
        }

        return directives with { After = [.. directives.After, .. after] };
    }

    private void Ignore(string name, string? value)
    {
        string known = name is ['-', not '-', ..] && s_letters.TryGetValue(name[1], out string? whole) ? whole : name;
        string written = value is null ? name : string.Create(CultureInfo.InvariantCulture, $"{name} {value}");
        string advice = s_advice.TryGetValue(known, out string? why) ? why : "it has no counterpart here";
        _notes.Ignore(_line, $"#SBATCH {written} is not used: {advice}");
    }

    /// <summary>Units are K, M, G and T, of 1024; without one it is M.</summary>
    private static long? Megabytes(string text) =>
        JobWords.Whole(text, 1) is { } megabytes ? megabytes * Mebibyte
        : text.Length > 1 && text[^1] is 'K' or 'M' or 'G' or 'T' or 'k' or 'm' or 'g' or 't' && Quantities.TryParseBytes(text, out long bytes) && bytes > 0 ? bytes
        : null;
}
