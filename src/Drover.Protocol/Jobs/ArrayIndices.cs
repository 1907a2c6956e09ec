using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Drover.Protocol.Jobs;

/// <summary>The indices of an array as people write them: <c>1-1000</c>, <c>0-90:10</c>, <c>1,3,7-9</c>.</summary>
public static class ArrayIndices
{
    /// <summary>The most jobs that one array can have.</summary>
    public const int Most = 100_000;

    private const string Example = "write them as 1-1000, 0-90:10 or 1,3,7-9";

    private static readonly SearchValues<char> s_characters = SearchValues.Create("0123456789-:");

    /// <summary>Reads indices: single ones, ranges, and ranges with a step, with commas between them.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="indices">Each once, rising.</param>
    /// <param name="fault">What is wrong with it, in a sentence.</param>
    /// <returns>Whether it is right.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out int[]? indices, [NotNullWhen(false)] out string? fault)
    {
        indices = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            fault = $"The array has no indices: {Example}.";
            return false;
        }

        var all = new List<int>();
        foreach (Range place in text.AsSpan().Split(','))
        {
            ReadOnlySpan<char> part = text.AsSpan(place).Trim();
            if (!TryParseRange(part, out int first, out int last, out int step, out fault))
            {
                return false;
            }

            long count = (((long)last - first) / step) + 1 + all.Count;
            if (count > Most)
            {
                fault = string.Create(CultureInfo.InvariantCulture, $"These are {count} indices or more; an array has at most {Most}.");
                return false;
            }

            for (long index = first; index <= last; index += step)
            {
                all.Add((int)index);
            }
        }

        all.Sort();
        for (int i = 1; i < all.Count; i++)
        {
            if (all[i] == all[i - 1])
            {
                fault = string.Create(CultureInfo.InvariantCulture, $"The index {all[i]} is in '{Shorten(text)}' twice.");
                return false;
            }
        }

        indices = [.. all];
        fault = null;
        return true;
    }

    /// <summary>
    /// Reads what follows <c>--array</c>: indices, and with <c>%50</c> after them how many may run at once
    /// (<c>1-1000%50</c>, as sbatch(1) has it).
    /// </summary>
    /// <param name="text">What was written.</param>
    /// <param name="indices">For <see cref="ArraySpec.Indices"/>.</param>
    /// <param name="atOnce">For <see cref="ArraySpec.AtOnce"/>.</param>
    /// <param name="fault">What is wrong with it, in a sentence.</param>
    /// <returns>Whether it is right.</returns>
    public static bool TryParseOption(
        string? text, [NotNullWhen(true)] out string? indices, out int? atOnce, [NotNullWhen(false)] out string? fault)
    {
        (indices, atOnce) = (null, null);
        int percent = text?.IndexOf('%') ?? -1;
        if (percent >= 0)
        {
            if (!int.TryParse(text.AsSpan(percent + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int limit) || limit < 1)
            {
                fault = $"After the % stands how many jobs may run at once, as in 1-1000%50; not '{Shorten(text.AsSpan(percent + 1))}'.";
                return false;
            }

            (text, atOnce) = (text![..percent], limit);
        }

        if (!TryParse(text, out _, out fault))
        {
            return false;
        }

        indices = text!;
        return true;
    }

    private static bool TryParseRange(
        ReadOnlySpan<char> part, out int first, out int last, out int step, [NotNullWhen(false)] out string? fault)
    {
        (first, last, step) = (0, 0, 1);
        ReadOnlySpan<char> range = part;
        int colon = part.IndexOf(':');
        bool isRight = true;
        if (colon >= 0)
        {
            isRight = IsNumber(part[(colon + 1)..], out step) && step > 0;
            range = part[..colon];
        }

        int dash = range.IndexOf('-');
        isRight &= dash < 0
            ? colon < 0 && IsNumber(range, out first) && IsNumber(range, out last)
            : IsNumber(range[..dash], out first) && IsNumber(range[(dash + 1)..], out last);
        fault = !isRight ? Fault(part)
            : last < first ? $"The range '{Shorten(part)}' goes backwards: the smaller index comes first."
            : null;
        return fault is null;
    }

    private static bool IsNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < int.MaxValue;

    private static string Fault(ReadOnlySpan<char> part) => part switch
    {
        [] => $"There is nothing between two commas of the indices, or after the last one: {Example}.",
        ['-', >= '0' and <= '9', ..] => $"An index is not negative, as '{Shorten(part)}' is.",
        _ when part.Contains("--", StringComparison.Ordinal) => $"An index is not negative, as one in '{Shorten(part)}' is.",
        _ when part.Contains('%') => $"How many may run at once is no part of the indices '{Shorten(part)}': it is asked for by itself.",
        [>= '0' and <= '9', .., >= '0' and <= '9'] when !part.ContainsAnyExcept(s_characters) && part.Count('-') <= 1 && part.Count(':') <= 1 =>
            $"'{Shorten(part)}' is no index: they go up to {int.MaxValue - 1}, the step of a range is at least 1, and only a range has one.",
        _ => $"'{Shorten(part)}' is no index and no range of them: {Example}.",
    };

    private static string Shorten(ReadOnlySpan<char> text) => text.Length <= 40 ? text.ToString() : $"{text[..40]}…";
}
