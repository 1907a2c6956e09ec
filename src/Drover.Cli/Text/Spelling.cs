using Drover.Server.Configuration;

namespace Drover.Cli.Text;

/// <summary>Finds what somebody may have meant.</summary>
internal static class Spelling
{
    /// <summary>The nearest of some words, or null when none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        string? nearest = null;
        int smallest = Math.Max(1, word.TrimStart('-').Length / 2);
        foreach (string candidate in known)
        {
            int distance = candidate.StartsWith(word, StringComparison.Ordinal) && word.TrimStart('-').Length > 1 ? 1 : Words.Distance(word, candidate);
            if (distance < smallest || (distance == smallest && nearest is null))
            {
                (nearest, smallest) = (candidate, distance);
            }
        }

        return nearest;
    }
}
