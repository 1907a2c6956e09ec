namespace Drover.Agent.Ops;

/// <summary>
/// A pattern of paths: <c>*</c>, <c>?</c> and <c>[…]</c> within a name, <c>**</c> for any number of folders. It fits a path
/// also when it fits a folder above it.
/// </summary>
internal sealed class Glob
{
    private readonly string[] _parts;

    internal Glob(string pattern) => _parts = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether it fits a path, or one of the folders that it is in.</summary>
    internal bool Fits(ReadOnlySpan<char> path)
    {
        var names = new List<Range>();
        foreach (Range name in path.Split('/'))
        {
            names.Add(name);
        }

        return Fits(path, names);
    }

    /// <summary>Whether it fits a folder, or may fit something in it.</summary>
    internal bool ReachesInto(ReadOnlySpan<char> folder)
    {
        int part = 0;
        foreach (Range name in folder.Split('/'))
        {
            if (part == _parts.Length || _parts[part] == "**")
            {
                break;
            }

            if (!FitsName(_parts[part++], folder[name]))
            {
                return false;
            }
        }

        return _parts.Length > 0;
    }

    /// <summary>
    /// When the parts are used up it is fitted, whatever names follow. Goes back to the last <c>**</c> only, as is enough.
    /// </summary>
    private bool Fits(ReadOnlySpan<char> path, List<Range> names)
    {
        (int part, int name) = (0, 0);
        (int starPart, int starName) = (-1, 0);
        while (part < _parts.Length)
        {
            if (_parts[part] == "**")
            {
                if (part == _parts.Length - 1)
                {
                    return name < names.Count;
                }

                (starPart, starName) = (part++, name);
            }
            else if (name < names.Count && FitsName(_parts[part], path[names[name]]))
            {
                part++;
                name++;
            }
            else if (starPart >= 0 && starName < names.Count)
            {
                part = starPart + 1;
                name = ++starName;
            }
            else
            {
                return false;
            }
        }

        return _parts.Length > 0;
    }

    /// <summary>Goes back to the last star only, as is enough: the time is at most the product of the lengths.</summary>
    private static bool FitsName(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        (int p, int n) = (0, 0);
        (int starP, int starN) = (-1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (starP, starN) = (p++, n);
            }
            else if (p < pattern.Length && FitsOne(pattern[p..], name[n], out int length))
            {
                p += length;
                n++;
            }
            else if (starP >= 0)
            {
                p = starP + 1;
                n = ++starN;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }

    /// <summary>Whether the pattern's first element fits a character; and how long the element is.</summary>
    private static bool FitsOne(ReadOnlySpan<char> pattern, char c, out int length)
    {
        length = 1;
        int end = pattern.Length > 2 && pattern[0] == '[' ? pattern[2..].IndexOf(']') : -1;
        if (pattern[0] != '[' || end < 0)
        {
            return pattern[0] == '?' || pattern[0] == c;
        }

        ReadOnlySpan<char> set = pattern[1..(end + 2)];
        length = end + 3;
        bool isNegated = set[0] is '!' or '^';
        set = isNegated ? set[1..] : set;
        bool isIn = false;
        for (int i = 0; i < set.Length; i++)
        {
            bool isRange = i + 2 < set.Length && set[i + 1] == '-';
            isIn |= isRange ? c >= set[i] && c <= set[i + 2] : c == set[i];
            i += isRange ? 2 : 0;
        }

        return isIn != isNegated;
    }
}
