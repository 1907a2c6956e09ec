using System.Globalization;

namespace Drover.Chaos.Tests;

/// <summary>What a job itself has recorded of one of its attempts.</summary>
/// <param name="What"><c>begin</c>, <c>end</c>, <c>term</c> (it got SIGTERM), <c>crash</c> (it is about to).</param>
/// <param name="Number">Its process number at the begin, its exit code at the end.</param>
/// <param name="Attempt">The attempt, as it found it in its environment.</param>
internal sealed record DiaryLine(string What, int Number, string Attempt)
{
    /// <summary>The lines of a diary; none when the job never ran.</summary>
    internal static IReadOnlyList<DiaryLine> Read(string path) =>
        File.Exists(path) ? [.. File.ReadLines(path).Select(Parse)] : [];

    /// <summary>One line.</summary>
    internal static DiaryLine Parse(string line)
    {
        string[] words = line.Split(' ');
        return new DiaryLine(words[0], int.Parse(words[1], CultureInfo.InvariantCulture), words[2]);
    }
}
