namespace Drover.Coroutines.Tests.Waiting;

/// <summary>The items of a channel may themselves be outcomes; they are not taken for the outcome of the wait.</summary>
public sealed class ChannelOfOutcomesTests
{
    private static readonly Outcome s_item = Outcome.Failed(new InvalidDataException("an item"));

    [Fact]
    public void A_canceled_send_of_an_outcome_is_canceled() => Loops.Run(async () =>
    {
        var channel = new Channel<Outcome>(0);
        Outcome sent = default;
        await CancelScope.MoveOnAfterAsync(Seconds(1), async () => sent = await channel.TrySendAsync(s_item));
        Assert.IsType<CancelReason.Deadline>(sent.Reason);
    });

    [Fact]
    public void A_send_of_an_outcome_that_waited_is_done() => Loops.Run(async () =>
    {
        var channel = new Channel<Outcome>(0);
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => Assert.True((await channel.TrySendAsync(s_item)).IsDone));
            await Coroutine.YieldAsync();
            Assert.Equal(s_item, await channel.ReceiveAsync());
        });
    });

    [Fact]
    public void A_refused_send_of_an_outcome_is_canceled() => Loops.Run(async () =>
    {
        var channel = new Channel<Outcome>(0);
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => Assert.IsType<CancelReason.OwnerClosed>((await channel.TrySendAsync(s_item)).Reason));
            await Coroutine.YieldAsync();
            channel.Close("enough");
        });
    });

    [Fact]
    public void An_outcome_that_was_waited_for_is_received_as_it_was_sent() => Loops.Run(async () =>
    {
        var channel = new Channel<Outcome>(0);
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => Assert.Equal(s_item, await channel.ReceiveAsync()));
            group.Start(async () => Assert.Equal(s_item, (await channel.TryReceiveAsync()).Value));
            await Coroutine.YieldAsync();
            Assert.True(channel.TrySend(s_item));
            Assert.True(channel.TrySend(s_item));
        });
    });

    [Fact]
    public void A_canceled_receive_of_an_outcome_throws() => Loops.Run(async () =>
    {
        var channel = new Channel<Outcome>(0);
        bool wentOn = false;
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), async () =>
        {
            _ = await channel.ReceiveAsync();
            wentOn = true;
        });
        Assert.True(outcome.IsCanceled);
        Assert.False(wentOn);
    });
}
