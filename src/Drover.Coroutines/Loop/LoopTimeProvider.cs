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
        /// <summary>What most timers do not have; null for those.</summary>
        private Extras? _extras = Extras.OfCaller(loop, state);

        private bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed)
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
            if (loop.IsHere)
            {
                _isDisposed = true;
                Stop();
            }
            else if (!Interlocked.Exchange(ref _isDisposed, true))
            {
                loop.Post(Stop);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        internal override void Fire()
        {
            _extras?.EndDelay();
            if (_extras?.Period is { } period && period > TimeSpan.Zero)
            {
                Set(period, period);
            }

            loop.CallOutsideCoroutine(static t => ((ProviderTimer)t).Call(), this);
        }

        private void Call()
        {
            if (_extras?.Context is { } context)
            {
                ExecutionContext.Run(context, static t => ((ProviderTimer)t!).CallBare(), this);
            }
            else
            {
                CallBare();
            }
        }

        private void CallBare() => callback(state);

        private void Set(TimeSpan dueTime, TimeSpan period)
        {
            Stop();
            if (period > TimeSpan.Zero || _extras is not null)
            {
                (_extras ??= new Extras()).Period = period;
            }

            if (!_isDisposed && loop.DeadlineAfter(dueTime) is var deadline and not Durations.Never)
            {
                loop.Timers.Add(this, deadline);
                _extras?.CountAsDelay(true);
            }
        }

        private void Stop()
        {
            if (IsSet)
            {
                loop.Timers.Remove(this);
                _extras?.EndDelay();
            }
        }
    }

    private sealed class Extras
    {
        /// <summary>The framework's type of a Task.Delay; the one with a token derives from it.</summary>
        private static readonly Type s_delay = Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken.None).GetType();

        internal TimeSpan Period = Timeout.InfiniteTimeSpan;
        private bool _countsAsDelay;

        internal ExecutionContext? Context { get; private init; }

        /// <summary>
        /// Who delays by this timer. The timer of a Task.Delay is a delay of the code that made it: that code waits for
        /// the clock, not for something outside, and virtual time may go on. (The timer of a Task.WaitAsync is none: there
        /// something outside has a time limit.)
        /// </summary>
        private Coroutine? Delays { get; init; }

        internal static Extras? OfCaller(EventLoop loop, object? state)
        {
            ExecutionContext? context = ExecutionContext.Capture();
            Coroutine? delays = s_delay.IsInstanceOfType(state) ? loop.CoroutineHere() : null;
            bool isPlain = context is null || context == EventLoop.EmptyContext;
            return isPlain && delays is null ? null : new Extras { Context = isPlain ? null : context, Delays = delays };
        }

        internal void EndDelay()
        {
            CountAsDelay(false);
            Delays?.LooksOutside();
        }

        internal void CountAsDelay(bool counts)
        {
            if (Delays is not null && counts != _countsAsDelay)
            {
                _countsAsDelay = counts;
                Delays.OpenDelays += counts ? 1 : -1;
            }
        }
    }
}
