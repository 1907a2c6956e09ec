using System.CommandLine;

namespace Drover.Cli.Commands;

/// <summary>A command: its options, and what it does.</summary>
internal abstract class DroverCommand(string name, string description) : Command(name, description)
{
    /// <summary>Does it, and returns the exit code. Errors are thrown, as sentences.</summary>
    public abstract Task<int> RunAsync(ParseResult arguments, CommandContext context);
}
