namespace Drover.Server.Storage;

/// <summary>An array as it is stored. Its jobs have the numbers after its own, in the order of their indices.</summary>
internal sealed record ArrayRow
{
    /// <summary>Its number.</summary>
    public required JobId Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string User { get; init; }

    /// <summary>What the user calls it.</summary>
    public required string Name { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>How many jobs it has.</summary>
    public required int Count { get; init; }

    /// <summary>What each of its jobs was asked to do, when it was submitted.</summary>
    public required JobSpec Job { get; init; }

    /// <summary>What is asked of those that wait since the array was changed; null when it never was.</summary>
    public JobSpec? Altered { get; init; }

    /// <summary>The indices, as they were written.</summary>
    public required string Indices { get; init; }

    /// <summary>How many of its jobs may run at once; null for as many as there is room for.</summary>
    public int? AtOnce { get; init; }
}
