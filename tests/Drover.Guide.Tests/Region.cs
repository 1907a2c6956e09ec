namespace Drover.Guide.Tests;

/// <summary>The text between <c>#region name</c> and <c>#endregion</c> in this project's Examples.</summary>
/// <param name="Name">Its name, as in the documents.</param>
/// <param name="Text">Its lines, without the indentation of the region's own line.</param>
internal sealed record Region(string Name, string Text)
{
    private const string Begin = "#region ";
    private const string End = "#endregion";

    internal static IReadOnlyList<Region> All { get; } =
        [.. Directory.GetFiles(Repository.PathOf("tests/Drover.Guide.Tests/Examples"), "*.cs").Order().SelectMany(In)];

    private static IEnumerable<Region> In(string file)
    {
        string[] lines = File.ReadAllLines(file);
        for (int i = 0; i < lines.Length; i++)
        {
            string trimmed = lines[i].TrimStart();
            if (trimmed.StartsWith(Begin, StringComparison.Ordinal))
            {
                int begin = i + 1;
                int indentation = lines[i].Length - trimmed.Length;
                while (lines[i].Trim() != End)
                {
                    i++;
                }

                yield return new Region(
                    trimmed[Begin.Length..],
                    string.Concat(lines[begin..i].Select(line => line[Math.Min(indentation, line.Length)..] + "\n")));
            }
        }
    }
}
