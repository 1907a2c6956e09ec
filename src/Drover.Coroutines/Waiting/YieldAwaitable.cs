using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace Drover.Coroutines;

/// <summary>
/// What <see cref="Coroutine.YieldAsync"/> returns, to be awaited at once. An awaitable of its own, as
/// <see cref="System.Runtime.CompilerServices.YieldAwaitable"/> is, since a switch through a
/// <see cref="ValueTask"/> costs half as much again.
/// </summary>
public readonly struct YieldAwaitable : ICriticalNotifyCompletion, IEquatable<YieldAwaitable>
{
    private readonly CancelScope _scope;

    internal YieldAwaitable(CancelScope scope) => _scope = scope;

    /// <summary>Always false: others get their turn first.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public bool IsCompleted => false;

    /// <summary>For the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public YieldAwaitable GetAwaiter() => this;

    /// <summary>For the compiler. Throws when the scope is canceled.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void GetResult()
    {
        if (_scope.Owner!.AwaitedWaits == 0)
        {
            throw new InvalidOperationException("Await YieldAsync: nobody else has had a turn yet.");
        }

        _scope.Owner.AwaitedWaits--;
        if (_scope.IsCanceled)
        {
            _scope.ThrowIfCanceled();
        }
    }

    /// <summary>For the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void OnCompleted(Action continuation)
    {
        ExecutionContext? context = ExecutionContext.Capture();
        UnsafeOnCompleted(context is null ? continuation : () => ExecutionContext.Run(context, static c => ((Action)c!)(), continuation));
    }

    /// <summary>For the compiler.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public void UnsafeOnCompleted(Action continuation)
    {
        _scope.Owner!.AwaitedWaits++;
        _scope.Loop.Enqueue(_scope, continuation, null);
    }

    /// <inheritdoc/>
    public bool Equals(YieldAwaitable other) => _scope == other._scope;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is YieldAwaitable other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _scope.GetHashCode();

    /// <summary>Whether both yield in the same scope.</summary>
    public static bool operator ==(YieldAwaitable left, YieldAwaitable right) => left.Equals(right);

    /// <summary>Whether they yield in different scopes.</summary>
    public static bool operator !=(YieldAwaitable left, YieldAwaitable right) => !left.Equals(right);
}
