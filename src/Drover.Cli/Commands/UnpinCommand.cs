using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Lets the files of jobs go.</summary>
internal sealed class UnpinCommand : DroverCommand
{
    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };

    public UnpinCommand()
        : base("unpin", "Let the files of jobs go when their time is over") => Add(_jobs);

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context) =>
        JobAlteration.PinAsync(context, arguments.GetValue(_jobs)!, isPinned: false, "unpinned");
}
