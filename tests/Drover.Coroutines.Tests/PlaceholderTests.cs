namespace Drover.Coroutines.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void The_solution_builds_and_its_tests_run() => Assert.Equal("Drover.Coroutines", typeof(Placeholder).Namespace);
}
