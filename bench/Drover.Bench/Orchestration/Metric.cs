namespace Drover.Bench.Orchestration;

/// <summary>One row of the table: a figure that a case finds for each peer.</summary>
/// <param name="Name">What the figure is called.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="MoreIsBetter">False when less is better.</param>
internal sealed record Metric(string Name, string Unit, bool MoreIsBetter = false);
