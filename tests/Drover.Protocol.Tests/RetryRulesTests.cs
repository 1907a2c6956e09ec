namespace Drover.Protocol.Tests;

public sealed class RetryRulesTests
{
    [Theory]
    [InlineData("lost")]
    [InlineData("node-failed")]
    [InlineData("preempted")]
    [InlineData("out-of-memory")]
    [InlineData("time-limit")]
    [InlineData("launch-failed")]
    [InlineData("exit")]
    [InlineData("exit:1")]
    [InlineData("exit:255")]
    [InlineData("signal")]
    [InlineData("signal:64")]
    public void Every_condition_of_the_protocol_is_understood(string condition) => Assert.Null(new RetryPolicy { On = [condition] }.Fault());

    [Theory]
    [InlineData("")]
    [InlineData("Lost")]
    [InlineData("exit:")]
    [InlineData("exit:0")]
    [InlineData("exit:256")]
    [InlineData("exit:-1")]
    [InlineData("exit: 7")]
    [InlineData("exit:1:2")]
    [InlineData("signal:0")]
    [InlineData("signal:65")]
    [InlineData("signal:KILL")]
    [InlineData("canceled")]
    [InlineData("lost,exit")]
    [InlineData(null)]
    public void Anything_else_is_refused_with_a_sentence(string? condition)
    {
        string? fault = new RetryPolicy { On = ["lost", condition!] }.Fault();
        Assert.EndsWith(".", fault);
    }

    [Theory]
    [InlineData(-1, 1, 600)]
    [InlineData(1001, 1, 600)]
    [InlineData(1, -1, 600)]
    [InlineData(1, double.NaN, 600)]
    [InlineData(1, 1, -1)]
    [InlineData(1, double.PositiveInfinity, double.PositiveInfinity)]
    public void Numbers_out_of_bounds_are_refused(int retries, double delay, double longest) =>
        Assert.NotNull(new RetryPolicy(retries, delay, longest).Fault());

    [Fact]
    public void A_list_without_endings_is_refused() => Assert.NotNull(new RetryPolicy { On = [] }.Fault());

    [Fact]
    public void The_usual_endings_are_failures_that_another_try_may_mend()
    {
        var policy = new RetryPolicy();
        Ending[] followed =
        [
            new Ending.Lost("x"), new Ending.NodeFailed("x"), new Ending.Preempted("x"), new Ending.OutOfMemory(), new Ending.Exited(1),
            new Ending.Signaled(9, "SIGKILL"),
        ];
        Ending[] final =
        [
            new Ending.Exited(0), new Ending.Canceled("ada"), new Ending.TimeLimit(5), new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, "x"),
        ];
        Assert.All(followed, ending => Assert.True(policy.Follows(ending), ending.ToString()));
        Assert.All(final, ending => Assert.False(policy.Follows(ending), ending.ToString()));
    }

    [Fact]
    public void Only_what_is_named_is_followed()
    {
        var policy = new RetryPolicy { On = ["exit:75", "signal:9", "time-limit", "launch-failed"] };
        Assert.True(policy.Follows(new Ending.Exited(75)));
        Assert.False(policy.Follows(new Ending.Exited(7)));
        Assert.True(policy.Follows(new Ending.Signaled(9, "SIGKILL")));
        Assert.False(policy.Follows(new Ending.Signaled(11, "SIGSEGV")));
        Assert.True(policy.Follows(new Ending.TimeLimit(5)));
        Assert.True(policy.Follows(new Ending.LaunchFailed(LaunchFailure.Other, "x")));
        Assert.False(policy.Follows(new Ending.Lost("x")));
        Assert.False(new RetryPolicy { On = ["exit", "signal"] }.Follows(new Ending.Exited(0)));
    }

    [Fact]
    public void Each_delay_is_twice_the_one_before_up_to_the_longest()
    {
        var policy = new RetryPolicy(1000, delaySeconds: 10, maxDelaySeconds: 60);
        Assert.Equal([10, 20, 40, 60, 60], Enumerable.Range(1, 5).Select(attempt => policy.DelayAfter(attempt).TotalSeconds));
        Assert.Equal(60, policy.DelayAfter(1000).TotalSeconds);
        Assert.Equal(TimeSpan.Zero, new RetryPolicy(delaySeconds: 0).DelayAfter(1000)); // 0 times a number beyond all bounds would be none.
    }
}
