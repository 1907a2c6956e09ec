using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// A piece of code that is ready to run, and the scope (and so the coroutine) that it runs in. The callback is an
/// <see cref="Action{T}"/> of object or a <see cref="SendOrPostCallback"/>: two delegate types with one signature,
/// told apart here so that neither needs a wrapper.
/// </summary>
internal readonly struct ReadyEntry(CancelScope? scope, Delegate callback, object? state)
{
    internal readonly CancelScope? Scope = scope;
    private readonly Delegate _callback = callback;
    private readonly object? _state = state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Invoke()
    {
        if (_callback.GetType() == typeof(Action<object?>))
        {
            Unsafe.As<Action<object?>>(_callback)(_state);
        }
        else
        {
            Unsafe.As<SendOrPostCallback>(_callback)(_state);
        }
    }
}
