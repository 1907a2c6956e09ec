namespace Drover.Bench.Orchestration;

/// <summary>Where things are.</summary>
internal static class Repository
{
    public const string Python = "/usr/bin/python3";

    public static string Root { get; } = FindRoot();

    /// <summary>The runtime's Go peer, which is also the load generator. <c>bench/run</c> builds it.</summary>
    public static string GoProgram { get; } = Path.Combine(Root, "artifacts", "bench", "go-peer");

    public static string PythonScript(string suite, string name) => Path.Combine(Root, "bench", suite, "python", name);

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
