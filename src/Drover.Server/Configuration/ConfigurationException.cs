namespace Drover.Server.Configuration;

/// <summary>A configuration file cannot be used. The message has a line for every mistake in it.</summary>
/// <param name="mistakes">Each names the file and the line: <c>drover.yaml:7: …</c>.</param>
/// <param name="inner">What it came from.</param>
internal sealed class ConfigurationException(IReadOnlyList<string> mistakes, Exception? inner = null)
    : Exception(string.Join('\n', mistakes), inner)
{
    /// <summary>The mistakes, in the order of lines.</summary>
    public IReadOnlyList<string> Mistakes { get; } = mistakes;
}
