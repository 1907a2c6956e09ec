namespace Drover.Agent.Keeper;

/// <summary>The first process of an attempt: the keeper's child, or that of a keeper that was killed. On the loop's thread.</summary>
internal abstract class MainProcess
{
    /// <summary>Its number; zero when it was gone already.</summary>
    internal abstract int Id { get; }

    /// <summary>Whether it is a child of this process, so that its exit code and its orphans come here.</summary>
    internal abstract bool IsOwn { get; }

    /// <summary>How it ended; null while it runs.</summary>
    internal abstract ProcessExit? Exit { get; }

    /// <summary>What it used, once it has ended.</summary>
    internal abstract ProcessUsage? Usage { get; }

    /// <summary>Waits until it has ended.</summary>
    internal abstract ValueTask WaitAsync();

    /// <summary>
    /// Sends a signal to its group. When it had ended before that, <see cref="Exit"/> says so, and the signal was not the cause.
    /// </summary>
    internal abstract void Signal(UnixSignal signal);

    /// <summary>A child of this process.</summary>
    internal sealed class Own(Subprocess process) : MainProcess
    {
        internal override int Id => process.Id;

        internal override bool IsOwn => true;

        internal override ProcessExit? Exit => process.Exit;

        internal override ProcessUsage? Usage => process.Usage;

        internal override async ValueTask WaitAsync() => await process.WaitAsync();

        internal override void Signal(UnixSignal signal) => process.Signal(signal);
    }

    /// <summary>A child of a keeper that was killed.</summary>
    /// <param name="process">Null when it is gone.</param>
    internal sealed class Followed(ForeignProcess? process) : MainProcess
    {
        private bool _hasEnded = process is null;

        internal override int Id => process?.Id ?? 0;

        internal override bool IsOwn => false;

        internal override ProcessExit? Exit => _hasEnded ? new ProcessExit.Unknown() : null;

        internal override ProcessUsage? Usage => null;

        internal override async ValueTask WaitAsync()
        {
            if (!_hasEnded)
            {
                await process!.WaitAsync();
                _hasEnded = true;
            }
        }

        internal override void Signal(UnixSignal signal)
        {
            if (!_hasEnded)
            {
                _hasEnded = !process!.Signal(signal); // While it is there its number means its group, and nobody else's.
                _ = !_hasEnded && Libc.kill(-process.Id, (int)signal) == 0;
            }
        }
    }
}
