namespace Drover.Guide.Tests;

/// <summary>Where the documents and the sources of this project are.</summary>
internal static class Repository
{
    private static readonly string s_root = Find();

    internal static string PathOf(string relative) => Path.Combine(s_root, relative);

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
