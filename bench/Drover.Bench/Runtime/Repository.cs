namespace Drover.Bench.Runtime;

/// <summary>Where the peers' programs are.</summary>
internal static class Repository
{
    public const string Python = "/usr/bin/python3";

    private static readonly string s_root = FindRoot();

    /// <summary>The Go peer, which is also the load generator. <c>bench/run</c> builds it.</summary>
    public static string GoProgram { get; } = Path.Combine(s_root, "artifacts", "bench", "go-peer");

    public static string PythonScript(string name) => Path.Combine(s_root, "bench", "runtime", "python", name);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Drover.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new BenchmarkException($"No folder above {AppContext.BaseDirectory} holds Drover.slnx: run the benchmarks from the repository.");
    }
}
