using System.CommandLine;
using System.CommandLine.Parsing;
using Drover.Cli.Submitting;
using Drover.Client.Scripts;

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
    private readonly Option<string[]> _inputs = new("--input", "-i") { HelpName = "PATH[=NAME]", Description = "a file or folder to find in its run directory, where the command then runs; may be repeated", Arity = new ArgumentArity(1, 1000), AllowMultipleArgumentsPerToken = false };
    private readonly Option<string?> _array = new("--array", "-a") { HelpName = "INDICES[%N]", Description = "many jobs, each with its DROVER_ARRAY_INDEX: 1-1000, 0-90:10, 1,3,7-9; %N for at most N at once", CustomParser = Values.Array };
    private readonly Option<ScriptDependency[]> _after = new("--after") { HelpName = "[WHEN:]ID,...", Description = "start when these jobs have succeeded; ended:ID when they have ended, failed:ID when they have failed; may be repeated", Arity = new ArgumentArity(1, 1000), AllowMultipleArgumentsPerToken = false, CustomParser = Values.After };
    private readonly Option<int?> _retries = new("--retries") { HelpName = "N", Description = "how often to try again when it fails (default: 0)", CustomParser = Values.Number };
    private readonly Option<string[]?> _retryOn = new("--retry-on") { HelpName = "ENDING,...", Description = "only after these: lost, node-failed, preempted, out-of-memory, time-limit, launch-failed, exit, exit:75, signal, signal:9", CustomParser = Values.Words };
    private readonly Option<TimeSpan?> _retryDelay = new("--retry-delay") { HelpName = "DURATION", Description = "time before the second attempt; doubles with each (default: 1s)", CustomParser = Values.Duration };
    private readonly Flag _hold = new("--hold", "-H") { Description = "wait until `drover release`" };
    private readonly Flag _pin = new("--pin") { Description = "keep its files when their time is over" };
    private readonly Flag _force = new("--force") { Description = "run it, even if the same job succeeded before" };
    private readonly Flag _reuse = new("--reuse") { Description = "give back the result of the same job that succeeded before (default: with --input)" };
    private readonly Option<string?> _directory = new("--dir") { HelpName = "PATH", Description = "the directory that the command runs in (default: this one; elsewhere than local, and with --input, the run directory)" };
    private readonly Flag _inRunDirectory = new("--in-run-dir") { Description = "run the command in its run directory, which is its own and empty unless --run-dir names one" };
    private readonly Option<string?> _runDirectory = new("--run-dir") { HelpName = "NAME", Description = "run the command in the run directory of this name (unless --dir says otherwise), which jobs share, one at a time" };
    private readonly Option<string[]> _environment = new("--env", "-e") { HelpName = "NAME[=VALUE]", Description = "set a variable; without a value, to the one it has here; may be repeated. Values are stored: no secrets", Arity = new ArgumentArity(1, 1000), AllowMultipleArgumentsPerToken = false };
    private readonly Option<TimeSpan?> _grace = new("--grace") { HelpName = "DURATION", Description = "time between SIGTERM and SIGKILL (default: the server's, 10s)", CustomParser = Values.Duration };
    private readonly Argument<string[]> _command = new("command") { HelpName = "COMMAND [ARGUMENT...]", Description = "the program and its arguments, as they are: no shell looks at them", Arity = ArgumentArity.OneOrMore, CaptureRemainingTokens = true };

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _cpus, _memory, _time, _name, _site, _priority, _inputs, _array, _after, _retries, _retryOn, _retryDelay, _hold, _pin, _force, _reuse,
            _directory, _inRunDirectory, _runDirectory, _environment, _grace,
        ];
        foreach (Option option in options)
        {
            command.Add(option);
        }

        command.Add(_command);
        command.Validators.Add(RefuseContradictions);
    }

    /// <summary>What is to be submitted: as the command line says, else as the script says that it runs.</summary>
    public JobRequest Read(ParseResult arguments, Surroundings surroundings)
    {
        string[] command = arguments.GetValue(_command) ?? [];
        string? directory = arguments.GetValue(_directory);
        JobScript? script = JobScript.Find(command, directory is null ? surroundings.Directory : Path.GetFullPath(directory, surroundings.Directory));
        script?.Tell(surroundings.Terminal);
        ScriptDirectives says = script?.Directives ?? new ScriptDirectives();
        InputArgument[] inputs = [.. says.Inputs.Concat(arguments.GetValue(_inputs) ?? []).Select(i => InputArgument.Parse(i, surroundings.Directory))];
        bool isPlacedHere = directory is not null || arguments.GetValue(_inRunDirectory);
        var place = new JobPlace
        {
            Site = arguments.GetValue(_site) ?? says.Site ?? "local",
            Directory = directory ?? (isPlacedHere || says.InRunDirectory == true ? null : says.WorkingDirectory),
            IsInRunDirectory = arguments.GetValue(_inRunDirectory) || (!isPlacedHere && says.InRunDirectory == true),
            RunDirectory = arguments.GetValue(_runDirectory) ?? says.RunDirectory,
            Inputs = inputs,
        };
        bool isMoved = !isPlacedHere && (says.WorkingDirectory is not null || says.InRunDirectory == true || says.RunDirectory is not null);
        (command, inputs) = place.WithProgram(command, isMoved ? script?.Path : null, surroundings.Directory);
        ArrayIndices.TryParseOption(arguments.GetValue(_array), out string? indices, out int? atOnce, out _);
        return new JobRequest
        {
            Spec = new JobSpec(place.Site, arguments.GetValue(_cpus) ?? says.Cpus ?? 1)
            {
                Command = command,
                Name = arguments.GetValue(_name) ?? says.Name,
                MemoryBytes = arguments.GetValue(_memory) ?? says.MemoryBytes,
                TimeLimitSeconds = arguments.GetValue(_time)?.TotalSeconds ?? says.TimeLimitSeconds,
                Priority = arguments.GetValue(_priority) ?? says.Priority ?? 0,
                WorkingDirectory = place.WorkingDirectory(surroundings.Directory),
                RunDirectory = place.RunDirectory,
                Environment = Environment([.. says.Environment, .. arguments.GetValue(_environment) ?? []], surroundings),
                GraceSeconds = arguments.GetValue(_grace)?.TotalSeconds ?? says.GraceSeconds,
                Retry = Retry(arguments, says),
                Hold = arguments.GetValue(_hold) || says.Hold == true,
                Pin = arguments.GetValue(_pin) || says.Pin == true,
                Reuse = arguments.GetValue(_force) ? false : arguments.GetValue(_reuse) ? true : says.Reuse,
            },
            Indices = indices ?? says.Indices,
            AtOnce = indices is null ? says.AtOnce : atOnce,
            After = [.. says.After, .. arguments.GetValue(_after) ?? []],
            Inputs = inputs,
        };
    }

    private RetryPolicy? Retry(ParseResult arguments, ScriptDirectives says)
    {
        int? retries = arguments.GetValue(_retries) ?? says.Retries;
        IReadOnlyList<string>? on = arguments.GetValue(_retryOn) is { Length: > 0 } words ? words : says.RetryOn;
        double? delay = arguments.GetValue(_retryDelay)?.TotalSeconds ?? says.RetryDelaySeconds;
        return retries is { } number ? new RetryPolicy(number, delay ?? 1) { On = on }
            : on is null && delay is null ? null
            : throw new CliException(ExitCodes.WrongUsage, $"{(on is null ? "--retry-delay" : "--retry-on")} needs --retries N: how often to try again.");
    }

    private static Dictionary<string, string>? Environment(IReadOnlyList<string> assignments, Surroundings surroundings)
    {
        if (assignments.Count == 0)
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
        (Option First, Option Second)[] pairs = [(_directory, _inRunDirectory), (_force, _reuse)];
        foreach ((Option first, Option second) in pairs)
        {
            if (result.GetResult(first) is not null && result.GetResult(second) is not null)
            {
                result.AddError($"{first.Name} and {second.Name} contradict each other.");
            }
        }
    }
}
