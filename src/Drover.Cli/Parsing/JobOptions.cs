using System.CommandLine;
using System.CommandLine.Parsing;

namespace Drover.Cli.Parsing;

/// <summary>What <c>run</c> and <c>submit</c> can say about a job.</summary>
internal sealed class JobOptions
{
    private readonly Option<int?> _cpus = new("--cpus", "-c") { HelpName = "N", Description = "CPUs of its own while it runs (default: 1)", CustomParser = Values.Number };
    private readonly Option<long?> _memory = new("--memory", "-m") { HelpName = "SIZE", Description = "most memory it may use: 512M, 2G (default: no limit)", CustomParser = Values.Bytes };
    private readonly Option<TimeSpan?> _time = new("--time", "-t") { HelpName = "DURATION", Description = "longest time it may run: 90s, 30m, 2h (default: no limit)", CustomParser = Values.Duration };
    private readonly Option<string?> _name = new("--name", "-n") { HelpName = "NAME", Description = "what to call it (default: the program's name)" };
    private readonly Option<string?> _site = new("--site", "-s") { HelpName = "SITE", Description = "where it runs (default: local, the server's machine)" };
    private readonly Option<int?> _priority = new("--priority", "-p") { HelpName = "N", Description = "-1000 to 1000, higher goes first (default: 0)", CustomParser = Values.Number };
    private readonly Option<string?> _directory = new("--dir") { HelpName = "PATH", Description = "the directory that the command runs in (default: this one; elsewhere than local, the run directory)" };
    private readonly Flag _inRunDirectory = new("--in-run-dir") { Description = "run the command in its run directory, which is its own and empty unless --run-dir names one" };
    private readonly Option<string?> _runDirectory = new("--run-dir") { HelpName = "NAME", Description = "run the command in the run directory of this name (unless --dir says otherwise), which jobs share, one at a time" };
    private readonly Option<string[]> _environment = new("--env", "-e") { HelpName = "NAME[=VALUE]", Description = "set a variable; without a value, to the one it has here; may be repeated. Values are stored: no secrets", Arity = new ArgumentArity(1, 1000), AllowMultipleArgumentsPerToken = false };
    private readonly Option<TimeSpan?> _grace = new("--grace") { HelpName = "DURATION", Description = "time between SIGTERM and SIGKILL (default: the server's, 10s)", CustomParser = Values.Duration };
    private readonly Argument<string[]> _command = new("command") { HelpName = "COMMAND [ARGUMENT...]", Description = "the program and its arguments, as they are: no shell looks at them", Arity = ArgumentArity.OneOrMore, CaptureRemainingTokens = true };

    public void AddTo(Command command)
    {
        Option[] options = [_cpus, _memory, _time, _name, _site, _priority, _directory, _inRunDirectory, _runDirectory, _environment, _grace];
        foreach (Option option in options)
        {
            command.Add(option);
        }

        command.Add(_command);
        command.Validators.Add(RefuseContradictions);
    }

    public JobSpec ToSpec(ParseResult arguments, Surroundings surroundings)
    {
        string site = arguments.GetValue(_site) ?? "local";
        string? directory = arguments.GetValue(_directory);
        bool isLocal = site == "local";
        bool isShared = arguments.GetValue(_runDirectory) is not null;
        string? workingDirectory = arguments.GetValue(_inRunDirectory) || (isShared && directory is null) ? null
            : directory is null ? (isLocal ? surroundings.Directory : null)
            : isLocal ? Path.GetFullPath(directory, surroundings.Directory)
            : Path.IsPathFullyQualified(directory) ? directory
            : throw new CliException(ExitCodes.WrongUsage, $"--dir names a directory at the site '{site}': '{directory}' has to be absolute.");
        return new JobSpec
        {
            Command = arguments.GetValue(_command) ?? [],
            Name = arguments.GetValue(_name),
            Site = site,
            Cpus = arguments.GetValue(_cpus) ?? 1,
            MemoryBytes = arguments.GetValue(_memory),
            TimeLimitSeconds = arguments.GetValue(_time)?.TotalSeconds,
            Priority = arguments.GetValue(_priority) ?? 0,
            WorkingDirectory = workingDirectory,
            RunDirectory = arguments.GetValue(_runDirectory),
            Environment = Environment(arguments.GetValue(_environment), surroundings),
            GraceSeconds = arguments.GetValue(_grace)?.TotalSeconds,
        };
    }

    private static Dictionary<string, string>? Environment(string[]? assignments, Surroundings surroundings)
    {
        if (assignments is null or [])
        {
            return null;
        }

        var environment = new Dictionary<string, string>();
        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=');
            string name = equals < 0 ? assignment : assignment[..equals];
            environment[name] = name.Length == 0
                ? throw new CliException(ExitCodes.WrongUsage, $"--env '{assignment}' names no variable: write --env NAME=VALUE, or --env NAME.")
                : equals >= 0 ? assignment[(equals + 1)..]
                : surroundings.Environment(name)
                ?? throw new CliException(ExitCodes.WrongUsage, $"--env {name}: there is no such variable here; write --env {name}=VALUE.");
        }

        return environment;
    }

    private void RefuseContradictions(CommandResult result)
    {
        if (result.GetResult(_directory) is not null && result.GetResult(_inRunDirectory) is not null)
        {
            result.AddError("--dir and --in-run-dir contradict each other.");
        }
    }
}
