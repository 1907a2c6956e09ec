using System.CommandLine;

namespace Drover.Cli.Parsing;

/// <summary>An option that is there or not. It takes no value: the word after it may be a program called <c>true</c>.</summary>
internal sealed class Flag : Option<object?>
{
    public Flag(string name, params string[] aliases)
        : base(name, aliases) => Arity = ArgumentArity.Zero;

    /// <summary>Whether it is there.</summary>
    public bool IsIn(ParseResult arguments) => arguments.GetResult(this) is { Implicit: false };
}
