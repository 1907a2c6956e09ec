namespace Drover.Coroutines;

/// <content>Waking many at once, and reusing waits.</content>
public sealed partial class EventLoop
{
    /// <summary>
    /// How many canceled scopes are woken in one turn. A hundred thousand at once would put everyone else, a heartbeat
    /// too, behind them in the queue.
    /// </summary>
    private const int WokenPerTurn = 64;

    private const int WaitsKept = 256;
    private readonly Stack<WaitNode> _waits = new();
    private int _lastCoroutine;

    internal int NextCoroutineId() => ++_lastCoroutine;

    internal WaitNode RentWait() => _waits.TryPop(out WaitNode? wait) ? wait : new WaitNode();

    internal void Recycle(WaitNode wait)
    {
        if (_waits.Count < WaitsKept)
        {
            _waits.Push(wait);
        }
    }

    /// <summary>Wakes what waits in these scopes, in order: the first now, the rest a few in each turn.</summary>
    internal void Wake(List<CancelScope> canceled)
    {
        if (canceled.Count <= WokenPerTurn)
        {
            foreach (CancelScope scope in canceled)
            {
                scope.WakeWaits();
            }
        }
        else
        {
            Enqueue(null, WakeSome.Call, new WakeSome(this, canceled));
        }
    }

    private sealed class WakeSome(EventLoop loop, List<CancelScope> canceled)
    {
        internal static readonly Action<object?> Call = static state => ((WakeSome)state!).Go();
        private int _next;

        private void Go()
        {
            for (int end = Math.Min(_next + WokenPerTurn, canceled.Count); _next < end; _next++)
            {
                canceled[_next].WakeWaits();
            }

            if (_next < canceled.Count)
            {
                loop.Enqueue(null, Call, this);
            }
        }
    }
}
