using System.CommandLine;
using Drover.Cli.Parsing;

namespace Drover.Cli.Commands;

/// <summary>Keeps the files of jobs.</summary>
internal sealed class PinCommand : DroverCommand
{
    private readonly Argument<JobRef[]> _jobs = new("jobs") { HelpName = "ID...", Arity = ArgumentArity.OneOrMore, CustomParser = Values.Jobs };

    public PinCommand()
        : base("pin", "Keep the files of jobs when their time is over") => Add(_jobs);

    public override Task<int> RunAsync(ParseResult arguments, CommandContext context) =>
        JobAlteration.PinAsync(context, arguments.GetValue(_jobs)!, isPinned: true, "pinned");
}
