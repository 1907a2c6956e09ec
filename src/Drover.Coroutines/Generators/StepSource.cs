using System.Threading.Tasks.Sources;

namespace Drover.Coroutines;

/// <summary>Where a generator's driver waits for the next step: one reusable wait.</summary>
/// <remarks>
/// <see cref="ManualResetValueTaskSourceCore{TResult}"/> always posts to a captured context, and allocates
/// for it. A driver that awaits its own generator is in the context that the body runs in, so it is resumed
/// inline there, as a task's awaiter would be, and posted to only from elsewhere.
/// </remarks>
internal sealed class StepSource<TStep> : IValueTaskSource<TStep>
{
    private ManualResetValueTaskSourceCore<TStep> _completion;
    private SynchronizationContext? _driverContext;
    private Action<object?>? _driver;
    private object? _driverState;

    /// <summary>
    /// The step that was begun: the value itself when it is there already, so that no state is left behind
    /// when a driver drops it.
    /// </summary>
    public ValueTask<TStep> Step
    {
        get
        {
            short token = _completion.Version;
            return _completion.GetStatus(token) == ValueTaskSourceStatus.Succeeded
                ? new ValueTask<TStep>(_completion.GetResult(token))
                : new ValueTask<TStep>(this, token);
        }
    }

    public void Begin() => _completion.Reset();

    public void Complete(TStep step) => _completion.SetResult(step);

    public void Fail(Exception failure) => _completion.SetException(failure);

    TStep IValueTaskSource<TStep>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<TStep>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<TStep>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        if (flags != ValueTaskSourceOnCompletedFlags.UseSchedulingContext
            || SynchronizationContext.Current is not { } context)
        {
            _completion.OnCompleted(continuation, state, token, flags);
            return;
        }

        (_driverContext, _driver, _driverState) = (context, continuation, state);
        _completion.OnCompleted(
            static source => ((StepSource<TStep>)source!).ResumeDriver(),
            this,
            token,
            ValueTaskSourceOnCompletedFlags.None);
    }

    private void ResumeDriver()
    {
        if (_driverContext == SynchronizationContext.Current)
        {
            InvokeDriver();
        }
        else
        {
            _driverContext!.Post(static source => ((StepSource<TStep>)source!).InvokeDriver(), this);
        }
    }

    private void InvokeDriver()
    {
        (Action<object?>? driver, object? state) = (_driver, _driverState);
        (_driverContext, _driver, _driverState) = (null, null, null);
        driver!(state);
    }
}
