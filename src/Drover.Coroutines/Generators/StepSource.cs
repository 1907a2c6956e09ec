using System.Threading.Tasks.Sources;

namespace Drover.Coroutines;

/// <summary>Where a generator's driver waits for the next step: one reusable wait.</summary>
/// <remarks>
/// <see cref="ManualResetValueTaskSourceCore{TResult}"/> always posts to a captured context, and allocates
/// for it. A driver that awaits its own generator is in the context that the body runs in, so it is resumed
/// inline there, as a task's awaiter would be, and posted to only from elsewhere.
/// </remarks>
/// <param name="taken">Called when the driver has the step, so that this wait may begin anew.</param>
internal sealed class StepSource<TStep>(Action taken) : IValueTaskSource<TStep>
{
    private ManualResetValueTaskSourceCore<TStep> _completion;
    private Exception? _failure;
    private SynchronizationContext? _driverContext;
    private Action<object?>? _driver;
    private object? _driverState;

    public void Begin()
    {
        _failure = null;
        _completion.Reset();
    }

    public void Complete(TStep step) => _completion.SetResult(step);

    public void Fail(Exception failure)
    {
        _failure = failure;
        _completion.SetException(failure);
    }

    /// <summary>Hands out the step that was begun; one that is there already counts as taken.</summary>
    public ValueTask<TStep> HandOutAsync()
    {
        short token = _completion.Version;
        if (_completion.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            return new ValueTask<TStep>(this, token);
        }

        ValueTask<TStep> step = _failure is null
            ? new ValueTask<TStep>(_completion.GetResult(token))
            : ValueTask.FromException<TStep>(_failure);
        taken();
        return step;
    }

    TStep IValueTaskSource<TStep>.GetResult(short token)
    {
        if (_completion.GetStatus(token) == ValueTaskSourceStatus.Pending)
        {
            throw new InvalidOperationException("The generator's step is not complete: await it.");
        }

        try
        {
            return _completion.GetResult(token);
        }
        finally
        {
            taken();
        }
    }

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
