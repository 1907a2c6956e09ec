namespace Drover.Protocol.Jobs;

/// <summary>What has to have happened to another step of a workflow.</summary>
/// <param name="Step">Its key.</param>
/// <param name="When">What has to have happened.</param>
public sealed record StepDependency(string Step, DependencyKind When = DependencyKind.Succeeded);
