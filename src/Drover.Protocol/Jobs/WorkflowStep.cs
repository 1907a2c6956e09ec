namespace Drover.Protocol.Jobs;

/// <summary>A job of a workflow, or an array.</summary>
public sealed record WorkflowStep
{
    /// <summary>What the others call it; unique in the workflow. Also the job's name, unless that has its own.</summary>
    public required string Key { get; init; }

    /// <summary>What to run. Its <see cref="JobSpec.After"/> may name jobs that exist already.</summary>
    public required JobSpec Job { get; init; }

    /// <summary>Makes it an array with these indices, as in <see cref="ArraySpec.Indices"/>.</summary>
    public string? Indices { get; init; }

    /// <summary>How many of an array may run at once.</summary>
    public int? AtOnce { get; init; }

    /// <summary>The steps that it comes after.</summary>
    public IReadOnlyList<StepDependency>? After { get; init; }
}
