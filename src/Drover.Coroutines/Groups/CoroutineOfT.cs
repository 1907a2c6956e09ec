namespace Drover.Coroutines;

/// <summary>A coroutine that returns a value.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
public sealed class Coroutine<T> : Coroutine
{
    internal Coroutine(EventLoop loop, Func<Task<T>> body, string? name, string file, int line)
        : base(loop, body, name, file, line)
    {
    }

    /// <summary>The value. Throws the failure or the cancellation, and <see cref="InvalidOperationException"/> before the end.</summary>
    public T Result => Outcome.Value;

    /// <summary>How it ended. Throws <see cref="InvalidOperationException"/> before the end.</summary>
    public new Outcome<T> Outcome => EndedTask() switch
    {
        Task<T> { IsCompletedSuccessfully: true } task => new Outcome<T>(task.GetAwaiter().GetResult()),
        var task => Outcome<T>.FromException(ErrorOf(task)),
    };

    /// <summary>Waits until it has ended and returns its value. Throws what it failed with, or its cancellation.</summary>
    public new async ValueTask<T> JoinAsync()
    {
        await WaitForEndAsync();
        return Result;
    }

    /// <summary>Waits until it has ended and returns how; throws only when the wait itself is canceled.</summary>
    public new async ValueTask<Outcome<T>> TryJoinAsync()
    {
        await WaitForEndAsync();
        return Outcome;
    }
}
