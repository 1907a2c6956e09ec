using System.Threading.Tasks.Sources;

namespace Drover.Coroutines;

/// <summary>
/// Behind <see cref="Coroutine.YieldAsync"/>: one object for all, since a coroutine that yields is ready again at once
/// and nothing needs to be kept.
/// </summary>
internal sealed class TurnEnd : IValueTaskSource
{
    internal static readonly TurnEnd Instance = new();

    public ValueTaskSourceStatus GetStatus(short token) => ValueTaskSourceStatus.Pending;

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        CancelScope scope = CancelScope.Current;
        scope.Owner!.OpenWaits++;
        scope.Loop.Enqueue(scope, continuation, state);
    }

    public void GetResult(short token)
    {
        CancelScope scope = CancelScope.Current;
        scope.Owner!.OpenWaits--;
        scope.ThrowIfCanceled();
    }
}
