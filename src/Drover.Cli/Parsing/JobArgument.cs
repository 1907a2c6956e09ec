using System.CommandLine;

namespace Drover.Cli.Parsing;

/// <summary>The one job that a command is about. An object to the parser, for the reason of <see cref="ValueOption{T}"/>.</summary>
internal sealed class JobArgument : Argument<object?>
{
    public JobArgument()
        : base("job")
    {
        HelpName = "ID";
        Arity = ArgumentArity.ExactlyOne;
        CustomParser = word => Values.Job(word);
    }

    /// <summary>The job, once the command line was found to be right.</summary>
    public JobRef In(ParseResult arguments) => (JobRef)arguments.GetValue(this)!;
}
