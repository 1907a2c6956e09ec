using System.Runtime.ExceptionServices;

namespace Drover.Coroutines;

/// <content>The ways to run code inside a scope of its own.</content>
public partial class CancelScope
{
    /// <summary>
    /// Runs <paramref name="body"/> in a scope of its own, which the body (and whoever it gives it to) can cancel.
    /// The outcome is canceled when this scope was canceled and the body ended by that; failures and cancellations of
    /// scopes around are thrown. A body that ends with a value has it in the outcome, also in a canceled scope. The body
    /// begins in any case: a scope that is canceled ends its first wait.
    /// </summary>
    /// <param name="body">The code; it is given its scope.</param>
    /// <param name="deadline">After which time the scope cancels itself; by default never. Zero or less: as soon as the loop looks at its timers.</param>
    /// <param name="shield">Whether cancellations of scopes around do not reach in. Give it a deadline.</param>
    /// <param name="name">A name for reasons and the tree.</param>
    /// <param name="cancellationToken">A token from outside that cancels the scope too.</param>
    /// <exception cref="ScopeCanceledException">A scope around was canceled.</exception>
    public static ValueTask<Outcome<T>> RunAsync<T>(
        Func<CancelScope, Task<T>> body,
        TimeSpan? deadline = null,
        bool shield = false,
        string? name = null,
        CancellationToken cancellationToken = default) =>
        RunInAsync(Create(shield, name, cancellationToken), deadline ?? Timeout.InfiniteTimeSpan, body, static (b, scope) => b(scope));

    /// <inheritdoc cref="RunAsync{T}"/>
    public static ValueTask<Outcome> RunAsync(
        Func<CancelScope, Task> body,
        TimeSpan? deadline = null,
        bool shield = false,
        string? name = null,
        CancellationToken cancellationToken = default) =>
        RunInAsync(Create(shield, name, cancellationToken), deadline ?? Timeout.InfiniteTimeSpan, body, static (b, scope) => b(scope));

    /// <summary>
    /// Runs <paramref name="body"/> for at most <paramref name="time"/>; the outcome is canceled when that was not enough.
    /// It waits until the body has ended, so clean-up may take longer. What the body throws is thrown.
    /// </summary>
    /// <param name="time">The time; infinite is no limit, zero or less cancels as soon as the loop looks at its timers.</param>
    /// <param name="body">The code.</param>
    /// <param name="name">The scope's name in the reason.</param>
    /// <exception cref="ScopeCanceledException">A scope around was canceled.</exception>
    public static ValueTask<Outcome<T>> MoveOnAfterAsync<T>(TimeSpan time, Func<Task<T>> body, string? name = null) =>
        RunInAsync(Create(shield: false, name), time, body, static (b, _) => b());

    /// <inheritdoc cref="MoveOnAfterAsync{T}"/>
    public static ValueTask<Outcome> MoveOnAfterAsync(TimeSpan time, Func<Task> body, string? name = null) =>
        RunInAsync(Create(shield: false, name), time, body, static (b, _) => b());

    /// <summary>
    /// Runs <paramref name="body"/> and returns its value; throws when <paramref name="time"/> was not enough. It waits
    /// until the body has ended, so clean-up may take longer.
    /// </summary>
    /// <param name="time">As for <see cref="MoveOnAfterAsync{T}"/>.</param>
    /// <param name="body">The code.</param>
    /// <param name="name">The scope's name in the message.</param>
    /// <exception cref="DeadlineException">The time is over. The message says what was waited for.</exception>
    /// <exception cref="ScopeCanceledException">A scope around was canceled.</exception>
    public static async ValueTask<T> FailAfterAsync<T>(TimeSpan time, Func<Task<T>> body, string? name = null)
    {
        Outcome<T> outcome = await MoveOnAfterAsync(time, body, name);
        return outcome.Reason is CancelReason.Deadline late ? throw new DeadlineException(late, outcome.Error) : outcome.Value;
    }

    /// <inheritdoc cref="FailAfterAsync{T}"/>
    public static async ValueTask FailAfterAsync(TimeSpan time, Func<Task> body, string? name = null)
    {
        Outcome outcome = await MoveOnAfterAsync(time, body, name);
        if (outcome.Reason is CancelReason.Deadline late)
        {
            throw new DeadlineException(late, outcome.Error);
        }

        outcome.ThrowIfNotDone();
    }

    /// <summary>
    /// Runs <paramref name="body"/> although the scopes around are canceled, for at most <paramref name="time"/>: for
    /// clean-up that has to wait. The outcome is canceled when the time was not enough. After it the cancellation around
    /// holds again. What the body throws is thrown.
    /// </summary>
    /// <param name="time">The time; infinite is no limit, and then nothing can end the body from outside.</param>
    /// <param name="body">The code.</param>
    /// <param name="name">The scope's name in the reason.</param>
    public static ValueTask<Outcome<T>> ShieldAsync<T>(TimeSpan time, Func<Task<T>> body, string? name = null) =>
        RunInAsync(Create(shield: true, name), time, body, static (b, _) => b());

    /// <inheritdoc cref="ShieldAsync{T}"/>
    public static ValueTask<Outcome> ShieldAsync(TimeSpan time, Func<Task> body, string? name = null) =>
        RunInAsync(Create(shield: true, name), time, body, static (b, _) => b());

    /// <summary>
    /// Whose cancellation <paramref name="cancellation"/> is, when it comes out of this scope: a scope, or null when it
    /// is none's (a token of the code's own).
    /// </summary>
    internal CancelScope? OriginOf(OperationCanceledException cancellation)
    {
        if (cancellation is ScopeCanceledException own && own.Scope.Loop == Loop)
        {
            return own.Scope; // That of another loop is as foreign here as any: it came because of our token, or not.
        }

        if (!cancellation.CancellationToken.CanBeCanceled && _details?.TokenSource is null)
        {
            return null;
        }

        for (CancelScope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._details?.TokenSource is { } source && source.Token == cancellation.CancellationToken)
            {
                return scope.Origin;
            }
        }

        // Libraries link tokens and throw with a token of their own; this scope gave its token away and is canceled.
        return _details?.TokenSource is null ? null : Origin;
    }

    private static CancelScope Create(bool shield, string? name, CancellationToken external = default)
    {
        Coroutine owner = Current.Owner!;
        var scope = new CancelScope(owner.Loop, owner) { IsShielded = shield };
        if (name is not null)
        {
            scope.Details.Name = name;
        }

        if (external.CanBeCanceled)
        {
            scope.Details.External = external;
        }

        return scope;
    }

    private static async ValueTask<Outcome<T>> RunInAsync<TBody, T>(
        CancelScope scope, TimeSpan deadline, TBody body, Func<TBody, CancelScope, Task<T>> run)
    {
        scope.Enter(deadline);
        try
        {
            return new Outcome<T>(await run(body, scope));
        }
        catch (OperationCanceledException e)
        {
            return Outcome<T>.FromCancellation(scope.Absorb(e));
        }
        finally
        {
            scope.Leave();
        }
    }

    private static async ValueTask<Outcome> RunInAsync<TBody>(
        CancelScope scope, TimeSpan deadline, TBody body, Func<TBody, CancelScope, Task> run)
    {
        scope.Enter(deadline);
        try
        {
            await run(body, scope);
            return Outcome.Done;
        }
        catch (OperationCanceledException e)
        {
            return Outcome.FromCancellation(scope.Absorb(e));
        }
        finally
        {
            scope.Leave();
        }
    }

    /// <summary>Returns the cancellation when it is this scope's; otherwise throws it on, under its scope's name.</summary>
    private ScopeCanceledException Absorb(OperationCanceledException e)
    {
        CancelScope? origin = OriginOf(e);
        if (origin == this)
        {
            return IsOf(this) ? (ScopeCanceledException)e : new ScopeCanceledException(this, e);
        }

        if (origin is null || IsOf(origin))
        {
            ExceptionDispatchInfo.Throw(e);
        }

        throw new ScopeCanceledException(origin, e);

        bool IsOf(CancelScope scope) => e is ScopeCanceledException own && own.Scope == scope;
    }
}
