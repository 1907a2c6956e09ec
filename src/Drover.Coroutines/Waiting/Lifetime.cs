namespace Drover.Coroutines;

/// <summary>
/// The life of an object that others wait on: an agent, a connection, a session. What it owns is closed when it ends:
/// everyone who waits there is woken with the reason, and later waits end at once with the same. So nobody has to ask
/// after each await whether the object still lives.
/// </summary>
public sealed class Lifetime
{
    private readonly List<Closable> _owned = [];
    private readonly List<CancelScope> _scopes = [];
    private const int FewOwned = 16;

    /// <summary>So many it owns when those are dropped that were closed by themselves.</summary>
    private int _pruneAt = FewOwned;
    private EventLoop? _loop = EventLoop.CurrentOrNull;

    /// <summary>Begins a lifetime.</summary>
    /// <param name="name">What lives: "agent 7".</param>
    public Lifetime(string name) => Name = name;

    /// <summary>What lives.</summary>
    public string Name { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => Reason is not null;

    /// <summary>Why it ended; null while it lives.</summary>
    public CancelReason.OwnerClosed? Reason { get; private set; }

    /// <summary>
    /// Ends it. What it owns is closed in the order in which it came to it, each with its waiters in the order of their
    /// coming; then the code under <see cref="RunAsync{T}"/> is canceled. Does not block. Again it does nothing.
    /// </summary>
    /// <param name="why">The words of the reason.</param>
    /// <exception cref="WrongLoopException">The calling code is not on the lifetime's loop.</exception>
    public void End(string why)
    {
        CheckLoop();
        if (HasEnded)
        {
            return;
        }

        Reason = new CancelReason.OwnerClosed(Name, why);
        foreach (Closable owned in _owned)
        {
            owned.Close(Reason);
        }

        foreach (CancelScope scope in _scopes.ToArray())
        {
            scope.CancelHere(Reason);
        }

        _owned.Clear();
    }

    /// <summary>Owns something more: it is closed with the lifetime, at once when that is over. Does not block.</summary>
    /// <param name="owned">What to close. What is closed before is forgotten in time.</param>
    /// <exception cref="WrongLoopException">It belongs to another loop.</exception>
    public void Own(Closable owned)
    {
        ArgumentNullException.ThrowIfNull(owned);
        if (_loop is not null || EventLoop.CurrentOrNull is not null)
        {
            CheckLoop(); // Before any loop runs, things may be put together.
        }

        if (_loop is not null && owned.LoopIfAny is { } other && other != _loop)
        {
            throw EventLoop.WrongLoop(owned.ToString(), other, _loop);
        }

        if (Reason is { } reason)
        {
            owned.Close(reason);
            return;
        }

        _owned.Add(owned);
        if (_owned.Count >= _pruneAt)
        {
            _owned.RemoveAll(static closed => closed.IsClosed);
            _pruneAt = Math.Max(FewOwned, _owned.Count * 2);
        }
    }

    /// <summary>
    /// Runs <paramref name="body"/> as long as the lifetime lasts; the outcome is canceled, with the lifetime's reason, when
    /// it ends before the body does. After the end the body still begins, and its first wait ends it. What the body throws
    /// is thrown.
    /// </summary>
    /// <exception cref="ScopeCanceledException">A scope around was canceled.</exception>
    /// <exception cref="WrongLoopException">The calling code is not on the lifetime's loop.</exception>
    public ValueTask<Outcome<T>> RunAsync<T>(Func<Task<T>> body)
    {
        CheckLoop();
        return CancelScope.RunAsync(
            async scope =>
            {
                using var member = new Membership(this, scope);
                return await body();
            },
            name: Name);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public ValueTask<Outcome> RunAsync(Func<Task> body)
    {
        CheckLoop();
        return CancelScope.RunAsync(
            async scope =>
            {
                using var member = new Membership(this, scope);
                await body();
            },
            name: Name);
    }

    /// <inheritdoc/>
    public override string ToString() => $"lifetime '{Name}'";

    private void CheckLoop()
    {
        _loop ??= EventLoop.CurrentOrNull;
        if (_loop is null || !_loop.IsHere)
        {
            throw EventLoop.WrongLoop(ToString(), _loop, EventLoop.CurrentOrNull);
        }
    }

    private readonly struct Membership : IDisposable
    {
        private readonly Lifetime _lifetime;
        private readonly CancelScope _scope;

        internal Membership(Lifetime lifetime, CancelScope scope)
        {
            _lifetime = lifetime;
            _scope = scope;
            lifetime._scopes.Add(scope);
            if (lifetime.Reason is { } reason)
            {
                scope.CancelHere(reason);
            }
        }

        public void Dispose() => _lifetime._scopes.Remove(_scope);
    }
}
