namespace Drover.Guide.Tests;

/// <summary>A fenced block of a document: <c>```csharp hello</c>.</summary>
/// <param name="Document">The document's path in the repository.</param>
/// <param name="Line">The line of the fence, from 1.</param>
/// <param name="Language">The first word after the fence.</param>
/// <param name="Name">The second word, or nothing.</param>
/// <param name="Text">What is between the fences; ends with a line feed unless it is empty.</param>
internal sealed record Block(string Document, int Line, string Language, string Name, string Text)
{
    private const string Fence = "```";

    /// <summary>Where it is, for messages.</summary>
    public override string ToString() => $"{Document}:{Line}";

    internal static IReadOnlyList<Block> In(string document)
    {
        string[] lines = File.ReadAllLines(Repository.PathOf(document));
        var blocks = new List<Block>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                int begin = i;
                string[] words = lines[begin][Fence.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                do
                {
                    i++;
                }
                while (lines[i] != Fence);
                blocks.Add(new Block(
                    document,
                    begin + 1,
                    words.ElementAtOrDefault(0) ?? "",
                    words.ElementAtOrDefault(1) ?? "",
                    string.Concat(lines[(begin + 1)..i].Select(line => line + "\n"))));
            }
        }

        return blocks;
    }
}
