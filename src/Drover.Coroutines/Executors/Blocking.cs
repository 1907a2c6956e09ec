namespace Drover.Coroutines;

/// <summary>Runs code that blocks, or that computes for long, on other threads, and brings back what it returns.</summary>
/// <remarks>
/// The code must not touch what belongs to the loop. It may use any blocking library unchanged.
/// </remarks>
public static class Blocking
{
    /// <summary>Calls <paramref name="work"/> on a thread of the pool and waits for it without blocking the loop.</summary>
    /// <param name="work">The code.</param>
    /// <param name="whenCanceled">What becomes of the call when the coroutine is canceled.</param>
    /// <param name="pool">Whose threads; by default <see cref="BlockingPool.Default"/>. For computing, <see cref="BlockingPool.Cpu"/>.</param>
    /// <param name="situation">Words for the tree.</param>
    /// <returns>What <paramref name="work"/> returns; what it throws is thrown, with its own stack.</returns>
    /// <exception cref="ScopeCanceledException">The scope was canceled before the call began, or it was abandoned.</exception>
    public static ValueTask<T> RunAsync<T>(
        Func<T> work, WhenCanceled whenCanceled = WhenCanceled.Wait, BlockingPool? pool = null, string? situation = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return CallAsync(work, whenCanceled, pool, situation);
    }

    /// <inheritdoc cref="RunAsync{T}(Func{T}, WhenCanceled, BlockingPool?, string?)"/>
    public static ValueTask RunAsync(
        Action work, WhenCanceled whenCanceled = WhenCanceled.Wait, BlockingPool? pool = null, string? situation = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return WithoutValueAsync(CallAsync(
            () =>
            {
                work();
                return true;
            },
            whenCanceled,
            pool,
            situation));

        static async ValueTask WithoutValueAsync(ValueTask<bool> call) => await call;
    }

    /// <summary>As <see cref="RunAsync{T}(Func{T}, WhenCanceled, BlockingPool?, string?)"/>; the work is given the scope's token, to end early.</summary>
    public static ValueTask<T> RunAsync<T>(
        Func<CancellationToken, T> work, WhenCanceled whenCanceled = WhenCanceled.Wait, BlockingPool? pool = null, string? situation = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        CancellationToken token = CancelScope.Current.Token;
        return CallAsync(() => work(token), whenCanceled, pool, situation);
    }

    /// <inheritdoc cref="RunAsync{T}(Func{CancellationToken, T}, WhenCanceled, BlockingPool?, string?)"/>
    public static ValueTask RunAsync(
        Action<CancellationToken> work, WhenCanceled whenCanceled = WhenCanceled.Wait, BlockingPool? pool = null, string? situation = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        CancellationToken token = CancelScope.Current.Token;
        return RunAsync(() => work(token), whenCanceled, pool, situation);
    }

    /// <summary>Async code does not block: await it in a coroutine. This overload is here to say so.</summary>
    [Obsolete("Async code does not block its thread: await it in a coroutine, without Blocking.", error: true)]
    public static ValueTask RunAsync(
        Func<Task> work, WhenCanceled whenCanceled = WhenCanceled.Wait, BlockingPool? pool = null, string? situation = null) =>
        throw new NotSupportedException();

    /// <summary>
    /// Calls <paramref name="work"/> for each item on threads of the pool, as many at once as it has, and returns the
    /// values in the order of the items. The first failure takes back what has not begun, and so does a cancellation;
    /// calls that run are waited for.
    /// </summary>
    /// <param name="items">The items; enumerated once, on the loop's thread.</param>
    /// <param name="work">The code.</param>
    /// <param name="limit">How many at once; by default as many as the pool has threads.</param>
    /// <param name="pool">Whose threads; by default <see cref="BlockingPool.Cpu"/>.</param>
    /// <exception cref="TaskGroupException">One or more calls failed: all errors.</exception>
    /// <exception cref="ScopeCanceledException">The scope was canceled.</exception>
    public static Task<T[]> MapAsync<TItem, T>(IEnumerable<TItem> items, Func<TItem, T> work, int? limit = null, BlockingPool? pool = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        BlockingPool threads = pool ?? BlockingPool.Cpu;
        return TaskGroup.MapAsync(items, limit ?? threads.Threads, async item => await RunAsync(() => work(item), pool: threads));
    }

    private static async ValueTask<T> CallAsync<T>(
        Func<T> work, WhenCanceled whenCanceled, BlockingPool? pool, string? situation)
    {
        CancelScope scope = CancelScope.Current;
        if (scope.IsCanceled)
        {
            await Coroutine.YieldAsync(); // Throws, after others have had a turn.
        }

        var call = new BlockingCall<T>(scope.Loop, work, whenCanceled);
        (pool ?? BlockingPool.Default).Enqueue(call);
        return await call.WaitAsync(scope, situation);
    }
}
