using System.Globalization;

namespace Drover.Server.Configuration;

/// <summary>Gathers what is wrong with a file, so that all of it is told at once.</summary>
/// <param name="path">The file.</param>
internal sealed class Mistakes(string path)
{
    private readonly List<(int Line, string Text)> _all = [];

    /// <summary>Adds one.</summary>
    /// <param name="line">Where, from 1; 0 when there are no lines.</param>
    /// <param name="text">What, without a full stop.</param>
    internal void Add(int line, string text) =>
        _all.Add((line, string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)))); // What the file says is quoted in it.

    /// <summary>Throws them, if there are any.</summary>
    /// <exception cref="ConfigurationException">There are.</exception>
    internal void ThrowIfAny()
    {
        if (_all.Count > 0)
        {
            throw new ConfigurationException(
                [.. _all.OrderBy(m => m.Line).Select(m => m.Line == 0 ? $"{path}: {m.Text}" : string.Create(CultureInfo.InvariantCulture, $"{path}:{m.Line}: {m.Text}"))]);
        }
    }
}
