using System.Text;

namespace Drover.Client.Scripts;

/// <summary>A line of a script that speaks to what submits it.</summary>
/// <param name="Number">From 1.</param>
/// <param name="IsSlurm">Whether it begins with <c>#SBATCH</c> rather than with <c>#DROVER</c>.</param>
/// <param name="Text">What follows.</param>
internal sealed record DirectiveLine(int Number, bool IsSlurm, string Text)
{
    private const string Drover = "#DROVER";
    private const string Slurm = "#SBATCH";

    /// <summary>The lines before the first command, which is the first line that is neither blank nor a comment.</summary>
    public static List<DirectiveLine> In(string text)
    {
        var lines = new List<DirectiveLine>();
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            ReadOnlySpan<char> line = raw.TrimEnd();
            if (line.TrimStart() is [not '#', ..])
            {
                break;
            }

            if (Rest(line, Drover) is { } drover)
            {
                lines.Add(new DirectiveLine(number, IsSlurm: false, drover));
            }
            else if (Rest(line, Slurm) is { } slurm)
            {
                lines.Add(new DirectiveLine(number, IsSlurm: true, slurm));
            }
        }

        return lines;
    }

    /// <summary>Its words, quoted as in a shell; what follows a word that begins with # is a comment.</summary>
    /// <returns>Null when a quote is not closed.</returns>
    public List<string>? Words()
    {
        var words = new List<string>();
        var word = new StringBuilder();
        bool isInWord = false;
        char quote = '\0';
        for (int i = 0; i < Text.Length; i++)
        {
            char c = Text[i];
            if (quote != '\0')
            {
                if (c == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(quote == '"' && c == '\\' && i + 1 < Text.Length && Text[i + 1] is '"' or '\\' ? Text[++i] : c);
                }
            }
            else if (char.IsWhiteSpace(c))
            {
                EndWord();
            }
            else if (c == '#' && !isInWord)
            {
                break;
            }
            else
            {
                isInWord = true;
                if (c is '"' or '\'')
                {
                    quote = c;
                }
                else
                {
                    word.Append(c == '\\' && i + 1 < Text.Length ? Text[++i] : c);
                }
            }
        }

        EndWord();
        return quote == '\0' ? words : null;

        void EndWord()
        {
            if (isInWord)
            {
                words.Add(word.ToString());
                word.Clear();
                isInWord = false;
            }
        }
    }

    private static string? Rest(ReadOnlySpan<char> line, string mark) =>
        line.StartsWith(mark, StringComparison.Ordinal) && (line.Length == mark.Length || char.IsWhiteSpace(line[mark.Length]))
            ? line[mark.Length..].ToString()
            : null;
}
