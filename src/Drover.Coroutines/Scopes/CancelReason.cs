namespace Drover.Coroutines;

/// <summary>
/// Why a wait or a scope was canceled. A closed choice: switch over the nested cases.
/// </summary>
public abstract record CancelReason
{
    private CancelReason()
    {
    }

    /// <summary>A deadline passed.</summary>
    /// <param name="After">The time that the scope was given.</param>
    /// <param name="Scope">The name of the scope whose deadline it was, or null.</param>
    /// <param name="WaitedFor">What the code inside was waiting for when the deadline passed, or null when it
    /// was not waiting.</param>
    public sealed record Deadline(TimeSpan After, string? Scope, string? WaitedFor) : CancelReason
    {
        /// <inheritdoc/>
        public override string ToString() =>
            $"the deadline of {Durations.Show(After)}{(Scope is null ? "" : $" of '{Scope}'")} passed"
            + (WaitedFor is null ? "" : $" while it waited for: {WaitedFor}");
    }

    /// <summary>Somebody asked for it.</summary>
    /// <param name="By">Who: the name of a coroutine, or of a thread.</param>
    /// <param name="Why">The words that were given.</param>
    public sealed record Requested(string By, string Why) : CancelReason
    {
        /// <inheritdoc/>
        public override string ToString() => $"canceled by {By}: {Why}";
    }

    /// <summary>Another member of the task group failed.</summary>
    /// <param name="Sibling">The name of the coroutine that failed.</param>
    /// <param name="Error">What it failed with.</param>
    public sealed record SiblingFailed(string Sibling, Exception Error) : CancelReason
    {
        /// <inheritdoc/>
        public override string ToString() => $"'{Sibling}' failed: {Error.Message}";
    }

    /// <summary>What was waited on has ended: a closed channel, event, slots, or the lifetime that owned it.</summary>
    /// <param name="Owner">What was closed.</param>
    /// <param name="Why">The words that were given.</param>
    public sealed record OwnerClosed(string Owner, string Why) : CancelReason
    {
        /// <inheritdoc/>
        public override string ToString() => $"{Owner} is closed: {Why}";
    }
}
