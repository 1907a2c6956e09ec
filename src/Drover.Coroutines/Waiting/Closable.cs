namespace Drover.Coroutines;

/// <summary>
/// Something of one event loop that coroutines wait on and that can end: <see cref="Event"/>,
/// <see cref="Channel{T}"/>, <see cref="Slots"/>. It belongs to the loop that made it, or else to the first that
/// touches it, and throws <see cref="WrongLoopException"/> when another thread or loop does. Only its properties are
/// not checked.
/// </summary>
public abstract class Closable
{
    private EventLoop? _loop;
    private string? _name;

    private protected Closable(EventLoop? loop, string? name)
    {
        _loop = loop;
        _name = name;
    }

    /// <summary>Its name in the tree, in errors and statistics.</summary>
    public string Name => _name ??= $"#{Interlocked.Increment(ref s_unnamed)}";

    /// <summary>Whether it was closed.</summary>
    public bool IsClosed => ClosedBecause is not null;

    /// <summary>By what and why it was closed; null while it is open.</summary>
    public CancelReason.OwnerClosed? ClosedBecause { get; private set; }

    internal EventLoop? LoopIfAny => _loop;

    /// <summary>"channel", "event", …</summary>
    private protected abstract string Kind { get; }

    private static int s_unnamed;

    /// <summary>
    /// Ends it: everyone who waits on it is woken in the order of their coming with this reason, and later waits end at
    /// once with the same. Does not block. Closing again does nothing: the first reason stays.
    /// </summary>
    /// <param name="why">The words of the reason.</param>
    /// <exception cref="WrongLoopException">The calling code is not on the loop that it belongs to.</exception>
    public void Close(string why) => Close(new CancelReason.OwnerClosed(ToString(), why));

    /// <inheritdoc/>
    public sealed override string ToString() => $"{Kind} '{Name}'";

    internal void Close(CancelReason.OwnerClosed reason)
    {
        CheckLoop();
        if (!IsClosed)
        {
            ClosedBecause = reason;
            CloseWaits(reason);
        }
    }

    /// <summary>Whether a waiter that is canceled may leave.</summary>
    internal virtual bool LetsGo() => true;

    /// <summary>A waiter was canceled and is gone: another may be served now.</summary>
    internal virtual void WaiterLeft()
    {
    }

    /// <summary>Wakes the waiters.</summary>
    private protected abstract void CloseWaits(CancelReason.OwnerClosed reason);

    /// <summary>Throws when the calling code is not on the loop that this belongs to.</summary>
    private protected void CheckLoop()
    {
        EventLoop? here = EventLoop.CurrentOrNull;
        if (here is null || here != _loop)
        {
            Bind(here);
        }
    }

    /// <summary>The scope of the running code, checked to be of this loop.</summary>
    private protected CancelScope EnterWait()
    {
        CheckLoop();
        return CancelScope.Current;
    }

    private void Bind(EventLoop? here)
    {
        if (_loop is not null || here is null)
        {
            throw EventLoop.WrongLoop(ToString(), _loop, here);
        }

        _loop = here;
    }
}
