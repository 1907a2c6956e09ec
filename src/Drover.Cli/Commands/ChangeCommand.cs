using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Changes jobs that wait.</summary>
internal sealed class ChangeCommand : DroverCommand
{
    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };
    private readonly Option<int?> _priority = new("--priority", "-p") { HelpName = "N", Description = "-1000 to 1000, higher goes first", CustomParser = Values.Number };
    private readonly Option<TimeSpan?> _time = new("--time", "-t") { HelpName = "DURATION", Description = "longest time it may run: 90s, 30m, 2h", CustomParser = Values.Duration };

    private readonly Option<int?> _atOnce = new("--at-once") { HelpName = "N", Description = "of an array: how many of its jobs may run at once", CustomParser = Values.Number };

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
            Priority = arguments.GetValue(_priority),
            TimeLimitSeconds = arguments.GetValue(_time)?.TotalSeconds,
            AtOnce = arguments.GetValue(_atOnce),
        };
        if (changes == new ArrayChanges())
        {
            throw new CliException(ExitCodes.WrongUsage, "drover change needs to know what: --priority N, --time DURATION, or --at-once N of an array.");
        }

        return JobAlteration.ApplyAsync(context, arguments.GetValue(_jobs)!, changes, "changed");
    }
}
