using System.CommandLine;
using System.CommandLine.Parsing;
using Drover.Cli.Submitting;
using Drover.Client.Scripts;

namespace Drover.Cli.Parsing;

/// <summary>What <c>run</c> and <c>submit</c> can say about a job.</summary>
internal sealed class JobOptions
{
    private readonly ValueOption<int> _cpus = new("--cpus", Values.Number, "-c") { HelpName = "N", Description = "CPUs of its own while it runs (default: 1)" };
    private readonly ValueOption<long> _memory = new("--memory", Values.Bytes, "-m") { HelpName = "SIZE", Description = "most memory it may use: 512M, 2G (default: no limit)" };
    private readonly ValueOption<TimeSpan> _time = new("--time", Values.Duration, "-t") { HelpName = "DURATION", Description = "longest time it may run: 90s, 30m, 2h (default: no limit)" };
    private readonly Option<string?> _name = new("--name", "-n") { HelpName = "NAME", Description = "what to call it (default: the program's name)" };
    private readonly Option<string?> _site = new("--site", "-s") { HelpName = "SITE", Description = "where it runs (default: local, the server's machine)" };
    private readonly ValueOption<int> _priority = new("--priority", Values.Number, "-p") { HelpName = "N", Description = "-1000 to 1000, higher goes first (default: 0)" };
    private readonly Option<string[]> _inputs = new("--input", "-i") { HelpName = "PATH[=NAME]", Description = "a file or folder to find in its run directory, where the command then runs; may be repeated", Arity = new ArgumentArity(1, 1000), AllowMultipleArgumentsPerToken = false };
    private readonly Flag _followLinks = new("--follow-links") { Description = "upload what symbolic links in inputs lead to, instead of the links" };
    private readonly Option<string?> _array = new("--array", "-a") { HelpName = "INDICES[%N]", Description = "many jobs, each with its DROVER_ARRAY_INDEX: 1-1000, 0-90:10, 1,3,7-9; %N for at most N at once", CustomParser = Values.Array };
    private readonly Option<ScriptDependency[]> _after = new("--after") { HelpName = "[WHEN:]ID,...", Description = "start when these jobs have succeeded; ended:ID when they have ended, failed:ID when they have failed; may be repeated", Arity = new ArgumentArity(1, 1000), AllowMultipleArgumentsPerToken = false, CustomParser = Values.After };
    private readonly ValueOption<int> _retries = new("--retries", Values.Number) { HelpName = "N", Description = "how often to try again when it fails (default: 0)" };
    private readonly Option<string[]?> _retryOn = new("--retry-on") { HelpName = "ENDING,...", Description = "only after these: lost, node-failed, preempted, out-of-memory, time-limit, launch-failed, exit, exit:75, signal, signal:9", CustomParser = Values.Words };
    private readonly ValueOption<TimeSpan> _retryDelay = new("--retry-delay", Values.Duration) { HelpName = "DURATION", Description = "time before the second attempt; doubles with each (default: 1s)" };
    private readonly Flag _hold = new("--hold", "-H") { Description = "wait until `drover release`" };
    private readonly Flag _pin = new("--pin") { Description = "keep its files when their time is over" };
    private readonly Flag _force = new("--force") { Description = "run it, even if the same job succeeded before" };
    private readonly Flag _reuse = new("--reuse") { Description = "give back the result of the same job that succeeded before (default: with --input)" };
    private readonly Option<string?> _directory = new("--dir") { HelpName = "PATH", Description = "the directory that the command runs in (default: this one; elsewhere than local, and with --input, the run directory)" };
    private readonly Flag _inRunDirectory = new("--in-run-dir") { Description = "run the command in its run directory, which is its own and empty unless --run-dir names one" };
    private readonly Option<string?> _runDirectory = new("--run-dir") { HelpName = "NAME", Description = "run the command in the run directory of this name (unless --dir says otherwise), which jobs share, one at a time" };
    private readonly Option<string[]> _environment = new("--env", "-e") { HelpName = "NAME[=VALUE]", Description = "set a variable; without a value, to the one it has here; may be repeated. Values are stored: no secrets", Arity = new ArgumentArity(1, 1000), AllowMultipleArgumentsPerToken = false };
    private readonly ValueOption<TimeSpan> _grace = new("--grace", Values.Duration) { HelpName = "DURATION", Description = "time between SIGTERM and SIGKILL (default: the server's, 10s)" };
    private readonly Argument<string[]> _command = new("command") { HelpName = "COMMAND [ARGUMENT...]", Description = "the program and its arguments, as they are: no shell looks at them", Arity = ArgumentArity.OneOrMore, CaptureRemainingTokens = true };

    public void AddTo(Command command)
    {
        Option[] options =
        [
            _cpus, _memory, _time, _name, _site, _priority, _inputs, _followLinks, _array, _after, _retries, _retryOn, _retryDelay, _hold, _pin, _force, _reuse,
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
        ScriptDirectives typed = Typed(arguments);
        ScriptDirectives asked = script is null ? typed : typed.Over(script.Directives);
        return JobRequest.Of(asked, command, script?.PathWhenMoved(typed), surroundings.Directory, surroundings.Environment);
    }

    /// <summary>What the command line says.</summary>
    private ScriptDirectives Typed(ParseResult arguments)
    {
        bool isArray = ArrayIndices.TryParseOption(arguments.GetValue(_array), out string? indices, out int? atOnce, out _);
        return new ScriptDirectives
        {
            Cpus = _cpus.In(arguments),
            MemoryBytes = _memory.In(arguments),
            TimeLimitSeconds = _time.In(arguments)?.TotalSeconds,
            Name = arguments.GetValue(_name),
            Site = arguments.GetValue(_site),
            Priority = _priority.In(arguments),
            GraceSeconds = _grace.In(arguments)?.TotalSeconds,
            WorkingDirectory = arguments.GetValue(_directory),
            InRunDirectory = _inRunDirectory.IsIn(arguments) ? true : null,
            RunDirectory = arguments.GetValue(_runDirectory),
            Environment = arguments.GetValue(_environment) ?? [],
            Inputs = arguments.GetValue(_inputs) ?? [],
            FollowLinks = _followLinks.IsIn(arguments) ? true : null,
            Indices = isArray ? indices : null,
            AtOnce = isArray ? atOnce : null,
            After = arguments.GetValue(_after) ?? [],
            Retries = _retries.In(arguments),
            RetryOn = arguments.GetValue(_retryOn) is { Length: > 0 } words ? words : null,
            RetryDelaySeconds = _retryDelay.In(arguments)?.TotalSeconds,
            Hold = _hold.IsIn(arguments) ? true : null,
            Pin = _pin.IsIn(arguments) ? true : null,
            Reuse = _force.IsIn(arguments) ? false : _reuse.IsIn(arguments) ? true : null,
        };
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
