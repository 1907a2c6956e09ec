using Drover.Cli.Submitting;

namespace Drover.Cli.Workflows;

/// <summary>A workflow as its file says it, before anything was asked of the server.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Steps">Its steps, in the order of the file.</param>
internal sealed record WorkflowPlan(string? Name, IReadOnlyList<WorkflowPlan.Step> Steps)
{
    /// <summary>A step.</summary>
    /// <param name="Key">What the others call it.</param>
    /// <param name="Request">What to run.</param>
    /// <param name="After">The steps that it comes after.</param>
    internal sealed record Step(string Key, JobRequest Request, IReadOnlyList<StepDependency> After);
}
