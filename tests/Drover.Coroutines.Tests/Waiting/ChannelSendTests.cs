namespace Drover.Coroutines.Tests.Waiting;

public sealed class ChannelSendTests : ClosableContract
{
    private protected override Closable Make(string name, Lifetime? owner = null) => new Channel<int>(0, name, owner);

    private protected override ValueTask WaitAsync(Closable closable, string? situation = null) => ((Channel<int>)closable).SendAsync(1, situation);

    private protected override ValueTask<Outcome> TryWaitAsync(Closable closable) => ((Channel<int>)closable).TrySendAsync(1);

    private protected override int Waiting(Closable closable) => ((Channel<int>)closable).Statistics().Senders;

    [Fact]
    public void Senders_are_served_first_come_first_served_and_nobody_passes_them() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        Assert.True(channel.TrySend(-1));
        var received = new List<int>();
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 5; i++)
            {
                int item = i;
                group.Start(async () => await channel.SendAsync(item));
            }

            await Coroutine.YieldAsync();
            for (int i = 0; i < 6; i++)
            {
                Assert.True(channel.TryReceive(out int item));
                received.Add(item);
                Assert.Equal(i >= 5, channel.TrySend(100)); // Those who wait come first.
            }
        });
        Assert.Equal([-1, 0, 1, 2, 3, 4], received);
    });

    [Fact]
    public void An_item_whose_send_was_canceled_or_refused_is_never_received() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        Assert.True(channel.TrySend(0));
        await CancelScope.MoveOnAfterAsync(Seconds(1), async () => await channel.SendAsync(1));
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => Assert.True((await channel.TrySendAsync(2)).IsCanceled));
            await Coroutine.YieldAsync();
            channel.Close("over");
        });
        var received = new List<int>();
        await foreach (int item in channel)
        {
            received.Add(item);
        }

        Assert.Equal([0], received);
    });

    [Fact]
    public void A_send_accepted_just_before_the_cancellation_has_happened() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(0);
        bool sent = false;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine sender = group.Start(async () =>
            {
                await channel.SendAsync(5);
                sent = true;
            });
            await Coroutine.YieldAsync();
            Assert.True(channel.TryReceive(out _));
            sender.Cancel("just after");
        });
        Assert.True(sent);
    });

    [Fact]
    public void A_capacity_below_zero_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => new Channel<int>(-1));
}
