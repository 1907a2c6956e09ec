namespace Drover.Coroutines;

/// <summary>Something that an event loop has to report. A closed choice: switch over the nested cases.</summary>
/// <param name="Loop">The name of the loop.</param>
public abstract record LoopReport(string Loop)
{
    /// <summary>One step has run too long: nothing else of the loop ran meanwhile.</summary>
    /// <param name="Loop">The name of the loop.</param>
    /// <param name="Coroutine">Which coroutine.</param>
    /// <param name="StartedAt">Where it was started.</param>
    /// <param name="LastWait">What it waited for before this step, or null.</param>
    /// <param name="Elapsed">For how long so far.</param>
    /// <param name="Stack">The stack, when the thread is in a wait that was seen to begin; the platform gives no other thread's stack.</param>
    public sealed record Blocked(string Loop, string Coroutine, string StartedAt, string? LastWait, TimeSpan Elapsed, string? Stack)
        : LoopReport(Loop)
    {
        /// <inheritdoc/>
        public override string ToString() =>
            $"event loop '{Loop}' is blocked for {Durations.Show(Elapsed)} by '{Coroutine}' (started at {StartedAt}"
            + (LastWait is null ? ")" : $", last wait: {LastWait})")
            + (Stack is null ? "" : $"\n{Stack}");
    }

    /// <summary>Code of the loop blocked its thread on a lock or a wait. Reported the first time for each place.</summary>
    /// <param name="Loop">The name of the loop.</param>
    /// <param name="Coroutine">Which coroutine.</param>
    /// <param name="Stack">Where exactly.</param>
    public sealed record BlockingWait(string Loop, string Coroutine, string Stack) : LoopReport(Loop)
    {
        /// <inheritdoc/>
        public override string ToString() =>
            $"a blocking wait on the thread of event loop '{Loop}' in '{Coroutine}': await it, or call it through Blocking.RunAsync\n{Stack}";
    }

    /// <summary>A child of a supervising group failed and the group has no handler of its own.</summary>
    /// <param name="Loop">The name of the loop.</param>
    /// <param name="Coroutine">Which coroutine.</param>
    /// <param name="StartedAt">Where it was started.</param>
    /// <param name="Error">What it failed with.</param>
    public sealed record ChildFailed(string Loop, string Coroutine, string StartedAt, Exception Error) : LoopReport(Loop)
    {
        /// <inheritdoc/>
        public override string ToString() => $"'{Coroutine}' (started at {StartedAt}) of event loop '{Loop}' failed: {Error}";
    }

    /// <summary>A callback that nobody awaits threw: a timer's, a token's, a handler's.</summary>
    /// <param name="Loop">The name of the loop.</param>
    /// <param name="Error">What it threw.</param>
    public sealed record CallbackFailed(string Loop, Exception Error) : LoopReport(Loop)
    {
        /// <inheritdoc/>
        public override string ToString() => $"a callback in event loop '{Loop}' failed: {Error}";
    }

    /// <summary>
    /// Nothing has happened for long, and nothing of the loop's own will: a deadlock, unless a task that some coroutine
    /// awaits beside its waits comes from outside. The loop goes on waiting.
    /// </summary>
    /// <param name="Loop">The name of the loop.</param>
    /// <param name="Tree">Who waits for what.</param>
    public sealed record Stalled(string Loop, string Tree) : LoopReport(Loop)
    {
        /// <inheritdoc/>
        public override string ToString() => $"event loop '{Loop}' may be deadlocked: nothing of its own can wake it.\n{Tree}";
    }

    /// <summary>The loop is to end, but coroutines await something outside and do not end. The loop goes on waiting.</summary>
    /// <param name="Loop">The name of the loop.</param>
    /// <param name="Tree">Which ones, and what they wait for.</param>
    public sealed record SlowToEnd(string Loop, string Tree) : LoopReport(Loop)
    {
        /// <inheritdoc/>
        public override string ToString() => $"event loop '{Loop}' is to end and still waits for:\n{Tree}";
    }

    /// <summary>Coroutines did not end although the loop is ending, and nothing can wake them.</summary>
    /// <param name="Loop">The name of the loop.</param>
    /// <param name="Tree">Which ones, and what they wait for.</param>
    public sealed record Abandoned(string Loop, string Tree) : LoopReport(Loop)
    {
        /// <inheritdoc/>
        public override string ToString() => $"event loop '{Loop}' ended without these coroutines, which nothing can wake:\n{Tree}";
    }
}
