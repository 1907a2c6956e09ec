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
            int distance = candidate.StartsWith(word, StringComparison.Ordinal) && word.TrimStart('-').Length > 1 ? 1 : Distance(word, candidate);
            if (distance < smallest || (distance == smallest && nearest is null))
            {
                (nearest, smallest) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>How many letters must be changed, added, left out, or swapped with their neighbor.</summary>
    public static int Distance(string a, string b)
    {
        int[,] d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                int change = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
