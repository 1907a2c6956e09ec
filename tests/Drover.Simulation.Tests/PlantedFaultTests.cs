namespace Drover.Simulation.Tests;

/// <summary>
/// That the simulation finds them is shown by tests/planted-faults, which takes long; that they can be planted is shown here.
/// </summary>
public sealed class PlantedFaultTests
{
    [Fact]
    public void Every_fault_can_be_planted()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Drover.slnx")))
        {
            root = Path.GetDirectoryName(root)!;
        }

        string[] faults = Directory.GetFiles(Path.Combine(root, "tests", "Drover.Simulation.Tests", "Mutations"), "*.txt");
        Assert.True(faults.Length >= 39);
        string table = File.ReadAllText(Path.Combine(root, "tests", "Drover.Simulation.Tests", "README.md"));
        Assert.All(faults, fault => Assert.Contains($"\n| {Path.GetFileNameWithoutExtension(fault)} |", table, StringComparison.Ordinal));
        Assert.All(faults, fault =>
        {
            string text = File.ReadAllText(fault);
            string source = File.ReadAllText(Path.Combine(root, text.Split('\n')[1]));
            (int begin, int middle, int end) =
                (text.IndexOf("<<<<\n", StringComparison.Ordinal),
                text.IndexOf("\n====\n", StringComparison.Ordinal),
                text.LastIndexOf("\n>>>>", StringComparison.Ordinal));
            string old = text[(begin + 5)..middle];
            Assert.True(end >= middle, "it is not written as it has to be");
            Assert.Equal(2, source.Split(old).Length); // The text is there once.
        });
    }
}
