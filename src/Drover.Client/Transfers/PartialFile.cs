namespace Drover.Client.Transfers;

/// <summary>
/// What has come of a file so far, hidden beside its place. Its name says of which job and which state of the file it is,
/// so that a later call goes on with it, and only with it.
/// </summary>
/// <param name="prefix">How its name begins.</param>
internal sealed class PartialFile(string prefix)
{
    private const string Unknown = "new";

    /// <summary>Where it is.</summary>
    public string Path { get; private set; } = prefix + Unknown;

    /// <summary>Opens what an earlier call has left, or a new one; nobody else can then. Of several the longest is kept.</summary>
    /// <param name="tag">Of which state of the file that is; null when there is nothing.</param>
    public FileStream Open(out string? tag)
    {
        string folder = System.IO.Path.GetDirectoryName(prefix)!;
        string name = System.IO.Path.GetFileName(prefix);
        FileInfo? best = null;
        foreach (FileInfo left in new DirectoryInfo(folder).EnumerateFiles().Where(file => file.Name.StartsWith(name, StringComparison.Ordinal) && IsTag(file.Name[name.Length..])))
        {
            best = best is null || left.Length > best.Length ? left : best;
        }

        tag = best is { Length: > 0 } ? best.Name[name.Length..] : null;
        Path = best?.FullName ?? Path;
        return new FileStream(Path, new FileStreamOptions
        {
            Mode = tag is null ? FileMode.Create : FileMode.Open,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            BufferSize = 0,
        });
    }

    /// <summary>It belongs to this state of the file.</summary>
    public void Keep(string tag)
    {
        if (IsTag(tag) && Path != prefix + tag)
        {
            File.Move(Path, prefix + tag, overwrite: true);
            Path = prefix + tag;
        }
    }

    public void Remove() => File.Delete(Path);

    /// <summary>Whether it is what servers give, and so can be part of a name.</summary>
    private static bool IsTag(string text) => text is { Length: > 0 and <= 64 } && text != Unknown && text.All(c => char.IsAsciiHexDigitLower(c) || c == '-');
}
