using System.CommandLine;
using System.CommandLine.Parsing;

namespace Drover.Cli.Parsing;

/// <summary>
/// An option with a value of a struct. Of an <c>Option</c> of that struct itself, everything would be compiled anew at each
/// start: a dozen methods each.
/// </summary>
internal class ValueOption<T> : Option<object?>
    where T : struct
{
    /// <param name="name">Its name.</param>
    /// <param name="read">Reads its word; what is wrong with it becomes an error of the argument, and null.</param>
    /// <param name="aliases">Its other names.</param>
    public ValueOption(string name, Func<ArgumentResult, T?> read, params string[] aliases)
        : base(name, aliases) => CustomParser = word => read(word);

    /// <summary>What was given; null when it was not.</summary>
    public T? In(ParseResult arguments) => (T?)arguments.GetValue(this);
}
