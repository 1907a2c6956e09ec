namespace Drover.Coroutines;

/// <summary>A loop's clock and timers as the framework's <see cref="TimeProvider"/>. From any thread.</summary>
internal sealed class LoopTimeProvider(EventLoop loop) : TimeProvider
{
    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => loop.Clock.Now;

    public override DateTimeOffset GetUtcNow() => loop.Clock.UtcNow;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ProviderTimer(loop, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>
    /// A timer of the framework on the loop's heap. Its callback runs on the loop's thread with no current context, so
    /// that what it completes goes on there: with a context it would escape to the thread pool.
    /// </summary>
    private sealed class ProviderTimer(EventLoop loop, TimerCallback callback, object? state) : LoopTimer, ITimer
    {
        private readonly ExecutionContext? _context = ExecutionContext.Capture();

        /// <summary>
        /// Who delays by this timer. A timer whose state is a task is a delay of the code that made it: that code waits
        /// for the clock, not for something outside, and virtual time may go on.
        /// </summary>
        private readonly Coroutine? _delays = state is Task && SynchronizationContext.Current is CancelScope scope && scope.Loop == loop
            ? scope.Owner
            : null;

        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _isDisposed;
        private bool _countsAsDelay;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (Volatile.Read(ref _isDisposed))
            {
                return false;
            }

            if (loop.IsHere)
            {
                Set(dueTime, period);
            }
            else
            {
                loop.Post(() => Set(dueTime, period));
            }

            return true;
        }

        public void Dispose()
        {
            if (!_isDisposed)
            {
                Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                Volatile.Write(ref _isDisposed, true);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        internal override void Fire()
        {
            Set(_period, _period);
            loop.CallOutsideCoroutine(static t => ((ProviderTimer)t).Call(), this);
        }

        private void Call()
        {
            if (_context is null || _context == EventLoop.EmptyContext)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(_context, static t => ((ProviderTimer)t!).CallBare(), this);
            }
        }

        private void CallBare() => callback(state);

        private void Set(TimeSpan dueTime, TimeSpan period)
        {
            loop.Timers.Remove(this);
            _period = period == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : period;
            bool isSet = dueTime != Timeout.InfiniteTimeSpan;
            if (isSet)
            {
                loop.Timers.Add(this, loop.DeadlineAfter(dueTime));
            }

            if (_delays is not null && isSet != _countsAsDelay)
            {
                _countsAsDelay = isSet;
                _delays.OpenDelays += isSet ? 1 : -1;
            }
        }
    }
}
