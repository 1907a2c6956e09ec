namespace Drover.Coroutines.Tests.Scopes;

public sealed class OutcomeTests
{
    private static readonly CancelReason s_reason = new CancelReason.Requested("main", "stop");

    [Fact]
    public void An_outcome_with_a_value_comes_apart_as_value_and_no_error()
    {
        var outcome = new Outcome<string>("value");
        (string? value, Exception? error) = outcome;
        Assert.Equal("value", value);
        Assert.Null(error);
        Assert.True(outcome is { HasValue: true, IsCanceled: false, IsFailed: false, Reason: null });
        Assert.True(outcome.TryGetValue(out string? taken));
        Assert.Equal("value", taken);
        Assert.Equal("value", outcome.GetValueOr("other"));
        Assert.Equal("value", outcome.ToString());
    }

    [Fact]
    public void A_failed_outcome_throws_the_failure_itself()
    {
        var failure = new InvalidDataException("bad");
        Outcome<int> outcome = Outcome<int>.Failed(failure);
        Assert.Same(failure, Assert.Throws<InvalidDataException>(() => outcome.Value));
        Assert.Same(failure, outcome.Error);
        Assert.True(outcome is { HasValue: false, IsCanceled: false, IsFailed: true, Reason: null });
        Assert.False(outcome.TryGetValue(out _));
        Assert.Equal(5, outcome.GetValueOr(5));
        Assert.Equal("failed: bad", outcome.ToString());
        Assert.Same(failure, Assert.Throws<InvalidDataException>(Outcome.Failed(failure).ThrowIfNotDone));
    }

    [Fact]
    public void A_canceled_outcome_has_the_reason()
    {
        Outcome<int> outcome = Outcome<int>.Canceled(s_reason);
        Assert.True(outcome is { HasValue: false, IsCanceled: true, IsFailed: false });
        Assert.Equal(s_reason, outcome.Reason);
        Assert.Contains("stop", Assert.Throws<OperationCanceledException>(() => outcome.Value).Message, StringComparison.Ordinal);
        Assert.Equal(s_reason, Outcome.Canceled(s_reason).Reason);
        Assert.Equal("canceled by main: stop", Outcome.Canceled(s_reason).ToString());
        var closed = new CancelReason.OwnerClosed("channel 'c'", "enough");
        Assert.Equal(closed, Assert.Throws<ClosedException>(() => Outcome<int>.Canceled(closed).Value).Reason);
    }

    [Fact]
    public void Outcomes_that_ended_alike_are_equal()
    {
        Assert.Equal(new Outcome<int>(1), new Outcome<int>(1));
        Assert.NotEqual(new Outcome<int>(1), new Outcome<int>(2));
        Assert.True(Outcome<int>.Canceled(s_reason) == Outcome<int>.Canceled(new CancelReason.Requested("main", "stop")));
        Assert.True(new Outcome<int>(0) != Outcome<int>.Canceled(s_reason));
        Assert.Equal(Outcome.Done, default);
        Assert.True(Outcome.Done != Outcome.Canceled(s_reason));
        Assert.Equal(Outcome.Canceled(s_reason).GetHashCode(), Outcome.Canceled(new CancelReason.Requested("main", "stop")).GetHashCode());
    }

    [Fact]
    public void An_object_may_be_the_value_even_an_exception_or_a_reason()
    {
        Assert.True(new Outcome<object>(s_reason).HasValue);
        Assert.True(new Outcome<Exception>(new InvalidDataException()).HasValue);
    }
}
