namespace Drover.Server.Configuration;

/// <summary>Guesses which word was meant.</summary>
internal static class Words
{
    /// <summary>The known word that is nearest to one that is not known; null when none is near.</summary>
    internal static string? Nearest(string word, IEnumerable<string> known)
    {
        (string? nearest, int distance) = known
            .Select(k => ((string?)k, Distance(Plain(word), Plain(k))))
            .Append((null, int.MaxValue))
            .MinBy(p => p.Item2);
        return distance <= Math.Max(1, word.Length / 3) ? nearest : null;
    }

    // max_time and Max-Time are near to maxTime.
    private static string Plain(string word) => word.Replace("_", "").Replace("-", "").ToUpperInvariant();

    /// <summary>How many letters must be added, removed, changed or swapped with the next (optimal string alignment).</summary>
    internal static int Distance(string a, string b)
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

                int change = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(change, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }
}
