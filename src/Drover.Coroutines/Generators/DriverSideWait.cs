using System.Threading.Tasks.Sources;

namespace Drover.Coroutines;

/// <summary>
/// A body's wait for work that is itself driven: it ends where the work ends, in the driver's call.
/// </summary>
/// <remarks>
/// An ordinary await would return to the synchronization context in which it began. When another coroutine
/// drives by then, the rest of the body would run in the one that started it.
/// </remarks>
internal sealed class DriverSideWait<T> : IValueTaskSource<T>, IValueTaskSource
{
    private ManualResetValueTaskSourceCore<T> _completion;

    private DriverSideWait(Task<T> work)
        => work.WhenEnded(static (ended, wait) => ((DriverSideWait<T>)wait!).End(ended), this);

    public static ValueTask<T> ForAsync(Task<T> work)
    {
        if (work.IsCompleted)
        {
            return new ValueTask<T>(work);
        }

        var wait = new DriverSideWait<T>(work);
        return new ValueTask<T>(wait, wait._completion.Version);
    }

    public static ValueTask ForEndAsync(Task<T> work)
    {
        if (work.IsCompleted)
        {
            return new ValueTask(work);
        }

        var wait = new DriverSideWait<T>(work);
        return new ValueTask(wait, wait._completion.Version);
    }

    public T GetResult(short token) => _completion.GetResult(token);

    void IValueTaskSource.GetResult(short token) => _completion.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _completion.OnCompleted(
            continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void End(Task<T> work)
    {
        T result;
        try
        {
            result = work.GetAwaiter().GetResult();
        }
        catch (Exception failure)
        {
            _completion.SetException(failure);
            return;
        }

        _completion.SetResult(result);
    }
}
