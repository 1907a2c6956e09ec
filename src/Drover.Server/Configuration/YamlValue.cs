namespace Drover.Server.Configuration;

/// <summary>A value of a YAML document, with its line. A closed choice.</summary>
/// <param name="Line">Where it begins, from 1.</param>
internal abstract record YamlValue(int Line)
{
    /// <summary>What it is, for messages: <c>'four'</c>, <c>a list</c>.</summary>
    internal abstract string Kind { get; }

    /// <summary>A word, a number, a text; nothing at all is an empty one.</summary>
    internal sealed record Scalar(int Line, string Text, bool IsNothing) : YamlValue(Line)
    {
        internal override string Kind => IsNothing ? "nothing" : $"'{Text}'";
    }

    /// <summary>Keys with values, in the order of the file; a key may be there twice.</summary>
    internal sealed record Mapping(int Line, IReadOnlyList<(Scalar Key, YamlValue Value)> Entries) : YamlValue(Line)
    {
        internal override string Kind => "keys with values";
    }

    /// <summary>Values in a row.</summary>
    internal sealed record Sequence(int Line, IReadOnlyList<YamlValue> Items) : YamlValue(Line)
    {
        internal override string Kind => "a list";
    }
}
