namespace Drover.Coroutines;

/// <summary>
/// A wait that began in one scope and is awaited in another, perhaps by another coroutine. The wait belongs to where it
/// began (whose cancellation ends it); the code that awaits it goes on where it awaits.
/// </summary>
internal sealed class AwaitedElsewhere
{
    private static readonly Action<object?> s_goOn = static state => ((AwaitedElsewhere)state!).GoOn();
    private readonly CancelScope _scope;
    private readonly Action<object?> _continuation;
    private readonly object? _state;

    private readonly bool _isAwaited;

    private AwaitedElsewhere(CancelScope scope, Action<object?> continuation, object? state, bool isAwaited)
    {
        _isAwaited = isAwaited;
        _scope = scope;
        _continuation = continuation;
        _state = state;
        scope.Owner!.AwaitedWaits += isAwaited ? 1 : 0;
    }

    /// <summary>Makes the continuation of <paramref name="wait"/> one that goes on in the scope of the running code.</summary>
    internal static void Redirect(WaitNode wait, ref Action<object?> continuation, ref object? state, bool isAwaited)
    {
        wait.Loop.CheckHere(wait);
        if (SynchronizationContext.Current is CancelScope here)
        {
            state = new AwaitedElsewhere(here, continuation, state, isAwaited);
            continuation = s_goOn;
        }
    }

    private void GoOn()
    {
        _scope.Owner!.AwaitedWaits -= _isAwaited ? 1 : 0;
        _scope.Loop.Enqueue(_scope, _continuation, _state);
    }
}
