using System.Threading.Tasks.Sources;

namespace Drover.Coroutines;

/// <summary>
/// Where a generator's body waits for its driver: one reusable wait that ends in the driver's own call.
/// </summary>
/// <remarks>
/// The scheduling context is left out on purpose. The driver is the one who resumes the body, so the body
/// runs where the driver is, and a resumption is never queued.
/// </remarks>
internal sealed class YieldPoint<TOut, TIn>(Action<TOut> suspended) : IValueTaskSource<TIn>
{
    private ManualResetValueTaskSourceCore<TIn> _resumption;
    private TOut? _value;
    private bool _bodyEnded;

    /// <summary>Whether a yield was begun and has not been resumed.</summary>
    public bool IsOpen { get; private set; }

    public ValueTask<TIn> BeginAsync(TOut value)
    {
        if (_bodyEnded)
        {
            throw new InvalidOperationException("The generator's body has ended: its yielder cannot be used any more.");
        }

        if (IsOpen)
        {
            throw new InvalidOperationException(
                "An earlier yield of this generator's body still waits: await each YieldAsync before the next.");
        }

        IsOpen = true;
        _value = value;
        _resumption.Reset();
        return new ValueTask<TIn>(this, _resumption.Version);
    }

    public void Resume(TIn sent)
    {
        IsOpen = false;
        _resumption.SetResult(sent);
    }

    public void Raise(Exception thrown)
    {
        IsOpen = false;
        _resumption.SetException(thrown);
    }

    /// <summary>Lets no further yield begin, and ends one that is still open.</summary>
    /// <returns>Whether a yield was open, which is a mistake in the body.</returns>
    public bool End()
    {
        _bodyEnded = true;
        if (!IsOpen)
        {
            return false;
        }

        Raise(new InvalidOperationException("The generator's body ended while this yield waited."));
        return true;
    }

    TIn IValueTaskSource<TIn>.GetResult(short token) => _resumption.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<TIn>.GetStatus(short token) => _resumption.GetStatus(token);

    void IValueTaskSource<TIn>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _resumption.OnCompleted(
            continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);
        TOut value = _value!;
        _value = default;

        // Last, because the driver may resume the body before this call returns.
        suspended(value);
    }
}
