namespace Drover.Coroutines;

/// <summary>Where a loop sleeps when nothing is ready: until a moment, a wake-up from another thread, or an open file becomes ready.</summary>
internal abstract class Poller : IDisposable
{
    internal static Poller Create() => OperatingSystem.IsLinux() ? new LinuxPoller() : new PortablePoller();

    /// <summary>Blocks the thread for at most <paramref name="nanoseconds"/> (<see cref="Durations.Never"/>: without limit).</summary>
    internal abstract void Wait(long nanoseconds);

    /// <summary>As <see cref="Wait"/>, but leaves the files that are ready for the next one: for a thread that is not the loop's.</summary>
    internal abstract void WaitOnly(long nanoseconds);

    /// <summary>Whether there are files that <see cref="PollFiles"/> could report.</summary>
    internal abstract bool HasFiles { get; }

    /// <summary>Reports the files that are ready now, without sleeping.</summary>
    internal abstract void PollFiles();

    /// <summary>Ends the present or the next <see cref="Wait"/>. From any thread.</summary>
    internal abstract void Wake();

    /// <summary>
    /// Calls <paramref name="ready"/> once, on the loop's thread, when the file descriptor can be read (or written)
    /// or was hung up.
    /// </summary>
    internal abstract void Watch(int fileDescriptor, bool forWriting, Action ready);

    /// <summary>
    /// Tells <paramref name="events"/>, on the loop's thread, whenever the file descriptor becomes ready anew, until
    /// <see cref="Unwatch"/>. It tells changes: one has to use the file until it would block before the next comes.
    /// </summary>
    internal abstract void Follow(int fileDescriptor, IFileEvents events);

    /// <summary>Forgets the file descriptor; must come before it is closed. Harmless when it is not watched.</summary>
    internal abstract void Unwatch(int fileDescriptor);

    public abstract void Dispose();
}

/// <summary>Waits on a monitor, in whole milliseconds rounded up. For platforms without a poller of their own.</summary>
internal sealed class PortablePoller : Poller
{
    private readonly AutoResetEvent _wake = new(initialState: false);

    internal override void Wait(long nanoseconds) =>
        _wake.WaitOne(nanoseconds == Durations.Never ? Timeout.Infinite : (int)Math.Min(int.MaxValue, (nanoseconds + 999_999) / 1_000_000));

    internal override void WaitOnly(long nanoseconds) => Wait(nanoseconds);

    internal override bool HasFiles => false;

    internal override void PollFiles()
    {
    }

    internal override void Wake() => _wake.Set();

    internal override void Watch(int fileDescriptor, bool forWriting, Action ready) =>
        throw new PlatformNotSupportedException("Waiting for a file descriptor needs Linux.");

    internal override void Follow(int fileDescriptor, IFileEvents events) => Watch(fileDescriptor, forWriting: false, static () => { });

    internal override void Unwatch(int fileDescriptor)
    {
    }

    public override void Dispose() => _wake.Dispose();
}
