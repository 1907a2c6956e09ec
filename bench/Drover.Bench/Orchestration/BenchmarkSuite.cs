namespace Drover.Bench.Orchestration;

/// <summary>What one command measures, and with whom it is compared.</summary>
/// <param name="Name">The command's name, and that of the markers between which a Markdown file has its table.</param>
/// <param name="Description">One sentence for the command's help.</param>
/// <param name="Cases">What is measured.</param>
/// <param name="Peers">The columns of the table; drover is the one that the others are compared with.</param>
/// <param name="DescribeSoftwareAsync">The versions that the results depend on, .NET's aside.</param>
internal sealed record BenchmarkSuite(
    string Name,
    string Description,
    IReadOnlyList<BenchmarkCase> Cases,
    IReadOnlyList<Peer> Peers,
    Func<Task<string>> DescribeSoftwareAsync)
{
    /// <summary>What drover has to reach, and is told about below the table.</summary>
    public IReadOnlyList<Target> Targets { get; init; } = [];
}
