namespace Drover.Coroutines.Tests.Scopes;

/// <summary>An outcome keeps whose cancellation it was, so that unwrapping it is as if the wait had thrown.</summary>
public sealed class OutcomeOriginTests
{
    /// <summary>Every wait whose cancellation is an outcome, unwrapped.</summary>
    public static TheoryData<string> Waits => new(s_waits.Keys);

    private static readonly Dictionary<string, Func<Task>> s_waits = new()
    {
        ["TrySleepAsync"] = static async () => (await Coroutine.TrySleepAsync(Hours(1))).ThrowIfNotDone(),
        ["Event.TryWaitAsync"] = static async () => (await new Event().TryWaitAsync()).ThrowIfNotDone(),
        ["Channel.TrySendAsync"] = static async () => (await new Channel<int>(0).TrySendAsync(1)).ThrowIfNotDone(),
        ["Channel.TryReceiveAsync"] = static async () => _ = (await new Channel<int>(1).TryReceiveAsync()).Value,
        ["Slots.TryAcquireAsync"] = static async () =>
        {
            var slots = new Slots(1);
            using SlotLease all = await slots.AcquireAsync();
            _ = (await slots.TryAcquireAsync()).Value;
        },
    };

    [Theory]
    [MemberData(nameof(Waits))]
    public void The_scope_that_was_canceled_absorbs_what_unwrapping_throws(string wait) => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), s_waits[wait]);
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
    });

    [Theory]
    [MemberData(nameof(Waits))]
    public void A_scope_that_was_canceled_before_absorbs_it_too(string wait) => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel("before");
            await CancelScope.RunAsync(_ => s_waits[wait]());
        });
        Assert.IsType<CancelReason.Requested>(outcome.Reason);
    });

    [Theory]
    [MemberData(nameof(Waits))]
    public void What_unwrapping_throws_names_the_scope(string wait) => Loops.Run(async () =>
    {
        Outcome outcome = await CancelScope.RunAsync(
            async scope =>
            {
                var error = await Assert.ThrowsAsync<ScopeCanceledException>(s_waits[wait]);
                Assert.Same(scope, error.Scope);
                Assert.IsType<CancelReason.Deadline>(error.Reason);
                throw error;
            },
            deadline: Seconds(1));
        Assert.True(outcome.IsCanceled);
    });

    [Fact]
    public void A_scope_within_that_was_not_canceled_lets_it_pass() => Loops.Run(async () =>
    {
        bool innerAbsorbed = false;
        Outcome outer = await CancelScope.MoveOnAfterAsync(Seconds(1), async () =>
        {
            await CancelScope.MoveOnAfterAsync(Hours(1), s_waits["Channel.TryReceiveAsync"]);
            innerAbsorbed = true;
        });
        Assert.True(outer.IsCanceled);
        Assert.False(innerAbsorbed);
    });

    [Fact]
    public void A_group_that_cancels_itself_takes_it_for_no_failure_of_its_body() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(1));
                group.Cancel("enough");
            });
            _ = (await channel.TryReceiveAsync()).Value;
        });
    });

    [Fact]
    public void A_group_that_cancels_itself_takes_it_for_no_failure_of_a_child() => Loops.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            foreach (Func<Task> wait in s_waits.Values)
            {
                group.Start(wait);
            }

            await Coroutine.SleepAsync(Seconds(1));
            group.Cancel("enough");
        });
    });

    [Fact]
    public void A_scopes_own_outcome_keeps_it_too() => Loops.Run(async () =>
    {
        Outcome<int> inner = default;
        Outcome outer = await CancelScope.RunAsync(async scope =>
        {
            inner = await CancelScope.MoveOnAfterAsync(Seconds(1), async () => (await new Channel<int>(1).TryReceiveAsync()).Value);
            Assert.Throws<ScopeCanceledException>(() => inner.Value);
        });
        Assert.True(outer.IsDone);
        Assert.IsType<CancelReason.Deadline>(inner.Reason);
    });

    [Fact]
    public void What_was_closed_still_throws_that_it_is_closed() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        channel.Close("enough");
        Outcome<int> outcome = await channel.TryReceiveAsync();
        Assert.Equal(channel.ClosedBecause, Assert.Throws<ClosedException>(() => outcome.Value).Reason);
    });
}
