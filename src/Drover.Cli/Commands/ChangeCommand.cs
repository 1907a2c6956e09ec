using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Changes jobs that wait.</summary>
internal sealed class ChangeCommand : DroverCommand
{
    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };
    private readonly ValueOption<int> _priority = new("--priority", Values.Number, "-p") { HelpName = "N", Description = "-1000 to 1000, higher goes first" };
    private readonly ValueOption<TimeSpan> _time = new("--time", Values.Duration, "-t") { HelpName = "DURATION", Description = "longest time it may run: 90s, 30m, 2h" };

    private readonly ValueOption<int> _atOnce = new("--at-once", Values.Number) { HelpName = "N", Description = "of an array: how many of its jobs may run at once" };

    public ChangeCommand()
        : base("change", "Change priority or time limit of jobs and arrays that wait")
    {
        Add(_jobs);
        Add(_priority);
        Add(_time);
        Add(_atOnce);
    }

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        var changes = new ArrayChanges
        {
            Priority = _priority.In(arguments),
            TimeLimitSeconds = _time.In(arguments)?.TotalSeconds,
            AtOnce = _atOnce.In(arguments),
        };
        if (changes == new ArrayChanges())
        {
            throw new CliException(ExitCodes.WrongUsage, "drover change needs to know what: --priority N, --time DURATION, or --at-once N of an array.");
        }

        return JobAlteration.ApplyAsync(context, arguments.GetValue(_jobs)!, changes, "changed");
    }
}
