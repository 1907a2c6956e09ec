using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Lets jobs start that are held.</summary>
internal sealed class ReleaseCommand : DroverCommand
{
    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };

    public ReleaseCommand()
        : base("release", "Let jobs start that are held") => Add(_jobs);

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context) =>
        JobAlteration.ApplyAsync(context, arguments.GetValue(_jobs)!, new ArrayChanges { Hold = false }, "released");
}
