namespace Drover.Coroutines.Tests.Waiting;

/// <summary>Receiving; see also <see cref="ChannelSendTests"/> for the other side.</summary>
public sealed class ChannelTests : ClosableContract
{
    private protected override Closable Make(string name, Lifetime? owner = null) => new Channel<int>(1, name, owner);

    private protected override async ValueTask WaitAsync(Closable closable, string? situation = null) => await ((Channel<int>)closable).ReceiveAsync(situation);

    private protected override async ValueTask<Outcome> TryWaitAsync(Closable closable)
    {
        Outcome<int> outcome = await ((Channel<int>)closable).TryReceiveAsync();
        return outcome.Reason is { } reason ? Outcome.Canceled(reason) : Outcome.Done;
    }

    private protected override int Waiting(Closable closable) => ((Channel<int>)closable).Statistics().Receivers;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Items_come_out_in_the_order_in_which_they_went_in(int capacity) => Loops.Run(async () =>
    {
        var channel = new Channel<int>(capacity);
        var received = new List<int>();
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                for (int i = 0; i < 1000; i++)
                {
                    await channel.SendAsync(i);
                }

                channel.Close("all sent");
            });
            group.Start(async () =>
            {
                await foreach (int i in channel)
                {
                    received.Add(i);
                }
            });
            return Task.CompletedTask;
        });
        Assert.Equal(Enumerable.Range(0, 1000), received);
    });

    [Fact]
    public void A_full_channel_makes_senders_wait() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(2);
        int sent = 0;
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () =>
            {
                for (int i = 0; i < 5; i++)
                {
                    await channel.SendAsync(i);
                    sent++;
                }
            });
            await Coroutine.SleepAsync(Seconds(1));
            Assert.Equal(2, sent);
            Assert.Equal(new ChannelStatistics(2, 2, 1, 0, IsClosed: false), channel.Statistics());
            Assert.Equal(0, await channel.ReceiveAsync());
            await Coroutine.SleepAsync(Seconds(1));
            Assert.Equal(3, sent);
            for (int i = 1; i < 5; i++)
            {
                Assert.Equal(i, await channel.ReceiveAsync());
            }
        });
        Assert.Equal(5, sent);
    });

    [Fact]
    public void With_capacity_0_a_send_waits_for_its_receiver() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(0);
        Assert.False(channel.TrySend(1));
        Assert.False(channel.TryReceive(out _));
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine sender = group.Start(async () => await channel.SendAsync(7));
            await Coroutine.SleepAsync(Seconds(1));
            Assert.False(sender.HasEnded);
            Assert.True(channel.TryReceive(out int item));
            Assert.Equal(7, item);
            Coroutine<int> receiver = group.Start(async () => await channel.ReceiveAsync());
            await Coroutine.YieldAsync();
            Assert.True(channel.TrySend(8));
            Assert.Equal(8, await receiver.JoinAsync());
        });
    });

    [Fact]
    public void Receivers_are_served_first_come_first_served_and_nobody_passes_them() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(3);
        var received = new List<(int, int)>();
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 3; i++)
            {
                int me = i;
                group.Start(async () => received.Add((me, await channel.ReceiveAsync())));
            }

            await Coroutine.YieldAsync();
            for (int item = 0; item < 3; item++)
            {
                Assert.True(channel.TrySend(item));
                Assert.False(channel.TryReceive(out _)); // It is promised to one who waits, though that one has not run yet.
            }
        });
        Assert.Equal([(0, 0), (1, 1), (2, 2)], received);
    });

    [Fact]
    public void What_was_accepted_can_be_received_after_closing() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(3);
        Assert.True(channel.TrySend(1));
        Assert.True(channel.TrySend(2));
        channel.Close("over");
        Assert.False(channel.TrySend(3));
        Assert.Equal(1, await channel.ReceiveAsync());
        Assert.True(channel.TryReceive(out int second));
        Assert.Equal(2, second);
        await Assert.ThrowsAsync<ClosedException>(async () => await channel.ReceiveAsync());
        Assert.False(channel.TryReceive(out _));
    });

    [Fact]
    public void Enumerating_ends_at_close_and_several_share_the_items() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        var received = new List<int>();
        int ended = 0;
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < 3; i++)
            {
                group.Start(async () =>
                {
                    await foreach (int item in channel)
                    {
                        received.Add(item);
                    }

                    ended++;
                });
            }

            for (int i = 0; i < 10; i++)
            {
                await channel.SendAsync(i);
            }

            channel.Close("all sent");
        });
        Assert.Equal(Enumerable.Range(0, 10), received.Order());
        Assert.Equal(3, ended);
    });

    [Fact]
    public void Enumerating_in_a_scope_that_is_canceled_throws() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), async () =>
        {
            await foreach (int _ in channel)
            {
            }

            Assert.Fail("The cancellation was swallowed.");
        });
        Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (int _ in channel.WithCancellation(new CancellationToken(true)))
            {
            }
        });
    });

    [Fact]
    public void Enumerating_under_a_lifetime_does_not_pass_off_its_end_as_the_end_of_the_items() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent");
        var channel = new Channel<int>(3, "mail", life);
        bool sawTheEnd = false;
        Outcome outcome = await life.RunAsync(async () =>
        {
            Assert.True(channel.TrySend(1));
            Assert.True(channel.TrySend(2));
            await foreach (int _ in channel)
            {
                life.End("unplugged"); // Item 2 is in the channel and nobody received it.
            }

            sawTheEnd = true;
        });
        Assert.False(sawTheEnd);
        Assert.Equal(new CancelReason.OwnerClosed("agent", "unplugged"), outcome.Reason);
        Assert.Equal(1, channel.Count);
    });

    [Fact]
    public void An_item_delivered_just_before_the_cancellation_is_received() => Loops.Run(async () =>
    {
        var channel = new Channel<int>(1);
        int received = 0;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine receiver = group.Start(async () => received = await channel.ReceiveAsync());
            await Coroutine.YieldAsync();
            Assert.True(channel.TrySend(5));
            receiver.Cancel("just after");
        });
        Assert.Equal(5, received);
    });
}
