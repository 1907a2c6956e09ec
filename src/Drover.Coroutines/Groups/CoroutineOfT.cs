namespace Drover.Coroutines;

/// <summary>A coroutine that returns a value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class Coroutine<T> : Coroutine
{
    internal Coroutine(EventLoop loop, Func<Task<T>> body, string? name, string file, int line)
        : base(loop, body, name, file, line)
    {
    }

    /// <summary>The value. Does not wait. Throws what the coroutine failed with, or its cancellation.</summary>
    /// <exception cref="InvalidOperationException">It has not ended.</exception>
    public T Result => Outcome.Value;

    /// <inheritdoc cref="Coroutine.Outcome"/>
    public new Outcome<T> Outcome => EndedTask() switch
    {
        Task<T> { IsCompletedSuccessfully: true } task => new Outcome<T>(task.GetAwaiter().GetResult()),
        var task => Outcome<T>.FromException(ErrorOf(task)),
    };

    /// <summary>
    /// Waits until it has ended and returns its value. Throws what it failed with, or its cancellation. A wait that is
    /// canceled leaves the coroutine alone. Several may wait for it.
    /// </summary>
    /// <inheritdoc cref="Coroutine.JoinAsync" path="/exception"/>
    public new async ValueTask<T> JoinAsync()
    {
        await WaitForEndAsync();
        return Result;
    }

    /// <inheritdoc cref="Coroutine.TryJoinAsync"/>
    public new async ValueTask<Outcome<T>> TryJoinAsync()
    {
        await WaitForEndAsync();
        return Outcome;
    }
}
