namespace Drover.Cli.Submitting;

/// <summary>A file or folder that a job is to find in its run directory.</summary>
/// <param name="Path">Where it is here, absolute.</param>
/// <param name="Name">Where it goes, from the run directory; empty for a folder whose content goes there itself.</param>
internal sealed record InputArgument(string Path, string Name)
{
    /// <summary>Reads <c>PATH</c> or <c>PATH=NAME</c>. An equals sign that is part of an existing path is no separator.</summary>
    /// <exception cref="CliException">There is no such file, or it would be laid out somewhere else than in the run directory.</exception>
    public static InputArgument Parse(string text, string directory)
    {
        int equals = text.LastIndexOf('=');
        bool hasName = equals > 0 && !System.IO.Path.Exists(System.IO.Path.GetFullPath(text, directory));
        string path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(hasName ? text[..equals] : text, directory));
        if (!System.IO.Path.Exists(path))
        {
            throw new CliException(ExitCodes.WrongUsage, $"--input {text}: there is no {path} here.");
        }

        string written = hasName ? text[(equals + 1)..] : text is "." or "./" ? "." : System.IO.Path.GetFileName(path);
        return new InputArgument(path, Normal(written) ?? throw new CliException(
            ExitCodes.WrongUsage, $"--input {text}: '{written}' is no place in the run directory: write a path below it, such as data/in.json."));
    }

    /// <summary>Whether a place in the run directory is this input, or within it.</summary>
    public bool Covers(string place) =>
        Name.Length == 0 ? System.IO.Path.Exists(System.IO.Path.Combine(Path, place))
        : place == Name || place.StartsWith(Name + "/", StringComparison.Ordinal);

    /// <summary>A path from the run directory without <c>.</c> and doubled slashes; null when it leads out of it.</summary>
    public static string? Normal(string path)
    {
        string[] parts = [.. path.Split('/').Where(p => p is not ("" or "."))];
        return path.StartsWith('/') || parts.Contains("..") ? null : string.Join('/', parts);
    }
}
