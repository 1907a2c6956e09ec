using System.Buffers;
using System.Text;

namespace Drover.Protocol.Files;

/// <summary>
/// What a manifest may say. Client, server and agent all look: the client to name the file, the server to refuse the job,
/// the agent because it trusts nobody with what it writes.
/// </summary>
public static class InputRules
{
    /// <summary>The most entries in a manifest.</summary>
    public const int MostEntries = 100_000;

    /// <summary>The longest manifest, as JSON in bytes.</summary>
    public const int MaxManifestBytes = 64 << 20;

    /// <summary>How many hexadecimal digits a hash has.</summary>
    public const int HashLength = 64;

    /// <summary>How the names of Drover's own files in a run directory begin.</summary>
    public const string ReservedPrefix = ".drover-";

    private const int MaxPathBytes = 4000;
    private const int MaxNameBytes = 255;
    private const int AllPermissions = 0x1FF; // 0777
    private static readonly SearchValues<char> s_hexDigits = SearchValues.Create("0123456789abcdef");

    /// <summary>Whether this is the SHA-256 of something, in lower case hexadecimal.</summary>
    public static bool IsHash(string? hash) =>
        hash is { Length: HashLength } && !hash.AsSpan().ContainsAnyExcept(s_hexDigits);

    /// <summary>What is wrong with a manifest, in a sentence; null when it can be laid out.</summary>
    public static string? FindFault(InputManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        if (manifest.Entries.Count > MostEntries)
        {
            return $"There are {manifest.Entries.Count} inputs, more than {MostEntries}: put them into an archive.";
        }

        // What is known of each path so far: true for a folder. A folder that is only implied may not be named later.
        var known = new Dictionary<string, bool>(manifest.Entries.Count, StringComparer.Ordinal);
        foreach (InputEntry? entry in manifest.Entries)
        {
            string? fault = entry is null ? "An input is null." : PathFault(entry.Path) ?? ContentFault(entry) ?? PlaceFault(entry, known);
            if (fault is not null)
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>What is wrong with the path of an input, in a sentence; null when nothing is.</summary>
    public static string? PathFault(string? path) =>
        string.IsNullOrEmpty(path) ? "An input has no path."
        : path[0] == '/' ? $"The input path {Show(path)} is absolute: inputs are laid out in the run directory, give a path from there."
        : path.Contains('\0', StringComparison.Ordinal) ? $"The input path {Show(path)} contains a null character, which no file name can."
        : !IsUnicode(path) ? $"The input path {Show(path)} is no text that UTF-8 can express."
        : Encoding.UTF8.GetByteCount(path) > MaxPathBytes ? $"The input path {Show(path)} is longer than {MaxPathBytes} bytes."
        : PartsFault(path);

    /// <summary>What is wrong with where a symbolic link leads, in a sentence; null when it stays inside.</summary>
    /// <param name="path">The link's path from the run directory.</param>
    /// <param name="target">Where it leads.</param>
    public static string? LinkFault(string path, string? target)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (string.IsNullOrEmpty(target))
        {
            return $"The symbolic link {Show(path)} leads nowhere.";
        }

        if (target[0] == '/')
        {
            return $"The symbolic link {Show(path)} leads to the absolute path {Show(target)}: only relative links to places among the inputs are kept.";
        }

        if (target.Contains('\0', StringComparison.Ordinal) || !IsUnicode(target) || Encoding.UTF8.GetByteCount(target) > MaxPathBytes)
        {
            return $"The target of the symbolic link {Show(path)} is no path.";
        }

        // Upwards only at the beginning: there it leads through real folders, so what is written is where it goes. Behind
        // a name that is a link itself it could lead anywhere.
        int depth = path.Count('/');
        bool isBeginning = true;
        foreach (string part in target.Split('/'))
        {
            isBeginning &= part is ".." or "." or "";
            if (part == ".." && (!isBeginning || --depth < 0))
            {
                return isBeginning
                    ? $"The symbolic link {Show(path)} leads out of the inputs, to {Show(target)}: only relative links to places among them are kept."
                    : $"The symbolic link {Show(path)} leads to {Show(target)}: '..' may only be at the beginning of it.";
            }
        }

        return null;
    }

    /// <summary>A path in quotation marks, on one line whatever is in it, and not too long.</summary>
    public static string Show(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        const int Longest = 200;
        var text = new StringBuilder("'");
        foreach (char c in path.AsSpan(0, Math.Min(path.Length, Longest)))
        {
            _ = char.IsControl(c) || char.IsSurrogate(c) && !IsUnicode(path) ? text.Append($"\\u{(int)c:x4}") : text.Append(c);
        }

        return text.Append(path.Length > Longest ? "…'" : "'").ToString();
    }

    private static string? PartsFault(string path)
    {
        foreach (Range range in path.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> part = path.AsSpan(range);
            if (part is "" or "." or "..")
            {
                return part is ".."
                    ? $"The input path {Show(path)} leads upwards: inputs stay in the run directory."
                    : $"The input path {Show(path)} has an empty part, or a '.': write it without.";
            }

            if (Encoding.UTF8.GetByteCount(part) > MaxNameBytes)
            {
                return $"The input path {Show(path)} has a name longer than {MaxNameBytes} bytes.";
            }
        }

        return path.StartsWith(ReservedPrefix, StringComparison.Ordinal)
            ? $"The input path {Show(path)} begins with '{ReservedPrefix}', as only Drover's own files do."
            : null;
    }

    private static string? ContentFault(InputEntry entry) => entry switch
    {
        { Mode: { } mode } when (mode & ~AllPermissions) != 0 => $"The mode of the input {Show(entry.Path)} has bits beyond 0777.",
        { Kind: InputKind.Link } => LinkFault(entry.Path, entry.Target),
        { Target: not null } => $"The input {Show(entry.Path)} is no link, and cannot lead anywhere.",
        { Kind: InputKind.Folder, Hash: not null } => $"The input {Show(entry.Path)} is a folder, and has no content of its own.",
        { Kind: InputKind.File } when !IsHash(entry.Hash) => $"The input {Show(entry.Path)} needs the SHA-256 of its content, in lower case hexadecimal.",
        { Kind: InputKind.File, Length: < 0 } => $"The length of the input {Show(entry.Path)} is negative.",
        { Kind: InputKind.File or InputKind.Folder } => null,
        _ => $"The input {Show(entry.Path)} is neither file, folder nor link.",
    };

    private static string? PlaceFault(InputEntry entry, Dictionary<string, bool> known)
    {
        if (!known.TryAdd(entry.Path, entry.Kind == InputKind.Folder))
        {
            return known[entry.Path] && entry.Kind == InputKind.Folder
                ? $"The folder {Show(entry.Path)} is named twice, or after what is in it."
                : $"Two inputs have the path {Show(entry.Path)}.";
        }

        for (int slash = entry.Path.LastIndexOf('/'); slash > 0; slash = entry.Path.LastIndexOf('/', slash - 1))
        {
            string parent = entry.Path[..slash];
            if (!known.TryGetValue(parent, out bool isFolder))
            {
                known.Add(parent, true);
            }
            else
            {
                return isFolder ? null : $"The input {Show(entry.Path)} would be in {Show(parent)}, which is no folder.";
            }
        }

        return null;
    }

    private static bool IsUnicode(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
