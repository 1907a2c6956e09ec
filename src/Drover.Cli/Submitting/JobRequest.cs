using Drover.Client.Scripts;

namespace Drover.Cli.Submitting;

/// <summary>What is to be submitted, before anything was asked of the server.</summary>
internal sealed record JobRequest
{
    public required JobSpec Spec { get; init; }

    /// <summary>The indices of an array; null for one job.</summary>
    public string? Indices { get; init; }

    public int? AtOnce { get; init; }

    /// <summary>Jobs that it comes after; one of an array has no number yet that the API would take.</summary>
    public IReadOnlyList<ScriptDependency> After { get; init; } = [];

    public IReadOnlyList<InputArgument> Inputs { get; init; } = [];
}
