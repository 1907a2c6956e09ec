namespace Drover.Guide.Tests;

/// <summary>Where the documents and the sources of this project are.</summary>
internal static class Repository
{
    private static readonly string s_root = Find();

    internal static string PathOf(string relative) => Path.Combine(s_root, relative);

    /// <summary>The files below a folder whose names match, by their paths in the repository, sorted.</summary>
    internal static IEnumerable<string> FilesBelow(string folder, string pattern) => Directory
        .EnumerateFiles(PathOf(folder), pattern, SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(s_root, file))
        .Order(StringComparer.Ordinal);

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Drover.slnx")))
            {
                return folder;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Drover.slnx.");
    }
}
