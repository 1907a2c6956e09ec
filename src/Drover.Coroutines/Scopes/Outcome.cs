using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace Drover.Coroutines;

/// <summary>How something without a value ended: done, canceled (with the reason) or failed (with the exception).</summary>
public readonly struct Outcome : IEquatable<Outcome>
{
    private readonly object? _why;

    private Outcome(object why) => _why = why;

    /// <summary>It was done.</summary>
    public static Outcome Done => default;

    /// <summary>It ran to its end.</summary>
    public bool IsDone => _why is null;

    /// <summary>It was canceled, or what it waited on was closed: see <see cref="Reason"/>.</summary>
    public bool IsCanceled => OutcomeCase.Reason(_why) is not null;

    /// <summary>It threw: see <see cref="Error"/>.</summary>
    public bool IsFailed => !IsDone && !IsCanceled;

    /// <summary>Why it was canceled, or null.</summary>
    public CancelReason? Reason => OutcomeCase.Reason(_why);

    /// <summary>What it failed with, or the cancellation as an exception, or null when it was done.</summary>
    public Exception? Error => OutcomeCase.Error(_why);

    /// <summary>An outcome that was canceled for <paramref name="reason"/>.</summary>
    public static Outcome Canceled(CancelReason reason) => new(reason);

    /// <summary>An outcome that failed with <paramref name="error"/>.</summary>
    public static Outcome Failed(Exception error) => new(error);

    /// <summary>Returns when it was done; throws the failure with its own stack, or the cancellation.</summary>
    public void ThrowIfNotDone() => OutcomeCase.Throw(_why);

    /// <inheritdoc/>
    public bool Equals(Outcome other) => OutcomeCase.AreEqual(_why, other._why);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Outcome other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => OutcomeCase.Hash(_why);

    /// <inheritdoc/>
    public override string ToString() => _why is null ? "done" : OutcomeCase.Show(_why);

    /// <summary>Whether both ended in the same way.</summary>
    public static bool operator ==(Outcome left, Outcome right) => left.Equals(right);

    /// <summary>Whether they ended differently.</summary>
    public static bool operator !=(Outcome left, Outcome right) => !left.Equals(right);

    internal static Outcome FromCancellation(ScopeCanceledException cancellation) => new(cancellation);

    internal static Outcome FromScope(CancelScope origin) => new((object)origin);

    internal static Outcome FromException(Exception error) => new(error);
}

/// <summary>
/// How something ended: with a value, canceled (with the reason) or failed (with the exception).
/// <c>var (value, error) = outcome</c> takes it apart as Go does.
/// </summary>
/// <typeparam name="T">The type of the value.</typeparam>
public readonly struct Outcome<T> : IEquatable<Outcome<T>>
{
    private readonly T? _value;
    private readonly object? _why;

    /// <summary>An outcome with a value.</summary>
    /// <param name="value">The value.</param>
    public Outcome(T value) => _value = value;

    private Outcome(object why) => _why = why;

    /// <summary>There is a value.</summary>
    public bool HasValue => _why is null;

    /// <summary>It was canceled, or what it waited on was closed: see <see cref="Reason"/>.</summary>
    public bool IsCanceled => OutcomeCase.Reason(_why) is not null;

    /// <summary>It threw: see <see cref="Error"/>.</summary>
    public bool IsFailed => !HasValue && !IsCanceled;

    /// <summary>The value. Throws the failure with its own stack, or the cancellation, when there is none.</summary>
    public T Value
    {
        get
        {
            OutcomeCase.Throw(_why);
            return _value!;
        }
    }

    /// <summary>Why it was canceled, or null.</summary>
    public CancelReason? Reason => OutcomeCase.Reason(_why);

    /// <summary>What it failed with, or the cancellation as an exception, or null when there is a value.</summary>
    public Exception? Error => OutcomeCase.Error(_why);

    /// <summary>An outcome that was canceled for <paramref name="reason"/>.</summary>
    public static Outcome<T> Canceled(CancelReason reason) => new((object)reason);

    /// <summary>An outcome that failed with <paramref name="error"/>.</summary>
    public static Outcome<T> Failed(Exception error) => new((object)error);

    /// <summary>Whether there is a value, and which. Does not throw.</summary>
    public bool TryGetValue([MaybeNullWhen(false)] out T value)
    {
        value = _value;
        return _why is null;
    }

    /// <summary>The value or <paramref name="otherwise"/>.</summary>
    public T? GetValueOr(T? otherwise) => _why is null ? _value : otherwise;

    /// <summary>Takes the outcome apart: <paramref name="error"/> is null exactly when there is a value.</summary>
    public void Deconstruct(out T? value, out Exception? error)
    {
        value = _value;
        error = Error;
    }

    /// <inheritdoc/>
    public bool Equals(Outcome<T> other) =>
        OutcomeCase.AreEqual(_why, other._why) && EqualityComparer<T>.Default.Equals(_value!, other._value!);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Outcome<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_value, OutcomeCase.Hash(_why));

    /// <inheritdoc/>
    public override string ToString() => _why is null ? $"{_value}" : OutcomeCase.Show(_why);

    /// <summary>Whether both ended in the same way.</summary>
    public static bool operator ==(Outcome<T> left, Outcome<T> right) => left.Equals(right);

    /// <summary>Whether they ended differently.</summary>
    public static bool operator !=(Outcome<T> left, Outcome<T> right) => !left.Equals(right);

    internal static Outcome<T> FromCancellation(ScopeCanceledException cancellation) => new((object)cancellation);

    internal static Outcome<T> FromScope(CancelScope origin) => new((object)origin);

    internal static Outcome<T> FromException(Exception error) => new((object)error);
}

/// <summary>
/// What an outcome without a value holds: a reason, the scope that was canceled, the cancellation that carried it, or an
/// exception. One field for all keeps an outcome at one word beside its value.
/// </summary>
internal static class OutcomeCase
{
    internal static bool AreEqual(object? one, object? other) =>
        Equals(one, other) || (Reason(one) is { } reason && reason.Equals(Reason(other)));

    internal static int Hash(object? why) => (Reason(why) ?? why)?.GetHashCode() ?? 0;

    internal static CancelReason? Reason(object? why) => why switch
    {
        CancelReason reason => reason,
        CancelScope origin => origin.OwnReason,
        ScopeCanceledException cancellation => cancellation.Reason,
        _ => null,
    };

    internal static Exception? Error(object? why) => why switch
    {
        null => null,
        CancelReason.OwnerClosed closed => new ClosedException(closed),
        CancelReason reason => new OperationCanceledException(reason.ToString()),
        CancelScope origin => new ScopeCanceledException(origin),
        _ => (Exception)why,
    };

    internal static void Throw(object? why)
    {
        if (Error(why) is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    internal static string Show(object why) => why switch
    {
        CancelReason or CancelScope or ScopeCanceledException => Reason(why)!.ToString(),
        _ => $"failed: {((Exception)why).Message}",
    };
}
