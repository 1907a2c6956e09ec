namespace Drover.Coroutines;

/// <summary>
/// Nothing can wake the loop again: no coroutine is ready, no timer is set and nothing outside is awaited.
/// The message holds the tree of who waits for what.
/// </summary>
public sealed class DeadlockException(string message, string tree) : CoroutineException($"{message}\n{tree}")
{
    /// <summary>The coroutines of the loop and what each waits for, as <see cref="EventLoop.Dump"/> prints it.</summary>
    public string Tree { get; } = tree;
}
