using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Keeps jobs from starting.</summary>
internal sealed class HoldCommand : DroverCommand
{
    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };

    public HoldCommand()
        : base("hold", "Keep jobs and arrays that wait from starting, until they are released") => Add(_jobs);

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context) =>
        JobAlteration.ApplyAsync(context, arguments.GetValue(_jobs)!, new ArrayChanges { Hold = true }, "held");
}
