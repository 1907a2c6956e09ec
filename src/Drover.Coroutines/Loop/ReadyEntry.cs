using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// A piece of code that is ready to run, and the scope (and so the coroutine) that it runs in. The callback is an
/// <see cref="Action"/> (from a yield), an <see cref="Action{T}"/> of object (from a wait) or a
/// <see cref="SendOrPostCallback"/> (from outside), told apart here so that none needs a wrapper.
/// </summary>
internal struct ReadyEntry(CancelScope? scope, Delegate callback, object? state)
{
    internal CancelScope? Scope = scope;
    internal Delegate Callback = callback;
    internal object? State = state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Invoke()
    {
        if (Callback.GetType() == typeof(Action))
        {
            Unsafe.As<Action>(Callback)();
        }
        else if (Callback.GetType() == typeof(Action<object?>))
        {
            Unsafe.As<Action<object?>>(Callback)(State);
        }
        else
        {
            Unsafe.As<SendOrPostCallback>(Callback)(State);
        }
    }
}
