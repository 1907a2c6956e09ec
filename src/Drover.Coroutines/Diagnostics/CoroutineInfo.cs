namespace Drover.Coroutines;

/// <summary>One coroutine at one moment.</summary>
/// <param name="Id">Its number in the loop.</param>
/// <param name="ParentId">The number of the coroutine whose group it belongs to, or null for those of the loop itself.</param>
/// <param name="Name">Its name.</param>
/// <param name="StartedAt">Where it was started: file and line.</param>
/// <param name="State">What it is doing.</param>
/// <param name="Situation">What it waits for, in words.</param>
/// <param name="Waited">For how long it has waited; zero when it does not wait.</param>
/// <param name="Scopes">The named groups and scopes between it and its parent, and whether they are canceled.</param>
public sealed record CoroutineInfo(
    int Id,
    int? ParentId,
    string Name,
    string StartedAt,
    CoroutineState State,
    string Situation,
    TimeSpan Waited,
    IReadOnlyList<string> Scopes);

/// <summary>What a coroutine is doing.</summary>
public enum CoroutineState
{
    /// <summary>Its code has not run yet.</summary>
    Queued,

    /// <summary>Its code is running now.</summary>
    Running,

    /// <summary>It can go on and waits for its turn.</summary>
    Ready,

    /// <summary>It waits for something of the loop.</summary>
    Waiting,

    /// <summary>It awaits something outside the loop.</summary>
    Outside,
}
