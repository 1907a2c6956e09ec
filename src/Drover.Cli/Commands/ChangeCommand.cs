using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Changes jobs that wait.</summary>
internal sealed class ChangeCommand : DroverCommand
{
    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };
    private readonly Option<int?> _priority = new("--priority", "-p") { HelpName = "N", Description = "-1000 to 1000, higher goes first", CustomParser = Values.Number };
    private readonly Option<TimeSpan?> _time = new("--time", "-t") { HelpName = "DURATION", Description = "longest time it may run: 90s, 30m, 2h", CustomParser = Values.Duration };

    public ChangeCommand()
        : base("change", "Change priority or time limit of jobs that wait")
    {
        Add(_jobs);
        Add(_priority);
        Add(_time);
    }

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        var changes = new JobChanges { Priority = arguments.GetValue(_priority), TimeLimitSeconds = arguments.GetValue(_time)?.TotalSeconds };
        if (changes is { Priority: null, TimeLimitSeconds: null })
        {
            throw new CliException(ExitCodes.WrongUsage, "drover change needs to know what: --priority N, --time DURATION, or both.");
        }

        return JobAlteration.ApplyAsync(context, arguments.GetValue(_jobs)!, changes, "changed");
    }
}
