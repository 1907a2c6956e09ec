namespace Drover.Coroutines.Tests.Waiting;

public sealed class SlotsTests : ClosableContract
{
    private protected override Closable Make(string name, Lifetime? owner = null)
    {
        var slots = new Slots(1, name, owner);
        slots.TryAcquire(out _);
        return slots;
    }

    private protected override async ValueTask WaitAsync(Closable closable, string? situation = null)
    {
        using SlotLease lease = await ((Slots)closable).AcquireAsync(situation: situation);
    }

    private protected override async ValueTask<Outcome> TryWaitAsync(Closable closable)
    {
        Outcome<SlotLease> outcome = await ((Slots)closable).TryAcquireAsync();
        outcome.GetValueOr(null)?.Dispose();
        return outcome.Reason is { } reason ? Outcome.Canceled(reason) : Outcome.Done;
    }

    private protected override int Waiting(Closable closable) => ((Slots)closable).Statistics().Waiters.Count;

    [Fact]
    public void A_lease_takes_slots_and_gives_them_back_once() => Loops.Run(async () =>
    {
        var slots = new Slots(16);
        using (SlotLease lease = await slots.AcquireAsync(4))
        {
            Assert.Equal(4, lease.Count);
            Assert.Equal(12, slots.Free);
            lease.Dispose();
            Assert.Equal(16, slots.Free);
        }

        Assert.Equal(16, slots.Free);
        Assert.Equal(16, slots.Capacity);
    });

    [Fact]
    public void Nobody_passes_one_who_waits_not_even_with_a_small_demand() => Loops.Run(async () =>
    {
        var slots = new Slots(4);
        var order = new List<string>();
        SlotLease held = await slots.AcquireAsync(2);
        await TaskGroup.RunAsync(async group =>
        {
            Start("large", 4);
            Start("small", 1);
            Start("tiny", 1);
            await Coroutine.SleepAsync(Seconds(1));
            Assert.False(slots.TryAcquire(out _));
            Assert.Empty(order);
            held.Dispose();
            Assert.False(slots.TryAcquire(out _));
            await Coroutine.SleepAsync(Seconds(1));
            Assert.Equal(["large"], order);

            void Start(string name, int demand) => group.Start(async () =>
            {
                using SlotLease lease = await slots.AcquireAsync(demand);
                order.Add(name);
                await Coroutine.SleepAsync(Seconds(5));
            });
        });
        Assert.Equal(["large", "small", "tiny"], order);
        Assert.Equal(4, slots.Free);
    });

    [Fact]
    public void When_the_large_one_gives_up_those_behind_are_served() => Loops.Run(async () =>
    {
        var slots = new Slots(4);
        using SlotLease held = await slots.AcquireAsync(2);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine large = group.Start(async () => await slots.AcquireAsync(4));
            Coroutine<SlotLease> small = group.Start(async () => await slots.AcquireAsync(1));
            await Coroutine.SleepAsync(Seconds(1));
            large.Cancel("gives up");
            using SlotLease lease = await small.JoinAsync();
            Assert.Equal(1, slots.Free);
        });
    });

    [Fact]
    public void Slots_granted_just_before_the_cancellation_are_leased_and_come_back() => Loops.Run(async () =>
    {
        var slots = new Slots(1);
        SlotLease held = await slots.AcquireAsync();
        bool got = false;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine waiter = group.Start(async () =>
            {
                using SlotLease lease = await slots.AcquireAsync();
                got = true;
                await Coroutine.SleepAsync(Hours(1));
            });
            await Coroutine.YieldAsync();
            held.Dispose();
            waiter.Cancel("at the moment of the grant");
        });
        Assert.True(got);
        Assert.Equal(1, slots.Free);
    });

    [Fact]
    public void A_grant_that_came_too_late_for_the_deadline_does_not_leak() => Loops.Run(async () =>
    {
        var slots = new Slots(1);
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                using SlotLease held = await slots.AcquireAsync();
                await Coroutine.SleepAsync(Seconds(1));
            });
            group.Start(async () =>
            {
                await Coroutine.YieldAsync();
                Outcome<SlotLease> outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), async () => await slots.AcquireAsync());
                outcome.GetValueOr(null)?.Dispose();
            });
            return Task.CompletedTask;
        });
        Assert.Equal(1, slots.Free);
    });

    [Fact]
    public void Statistics_tell_holders_and_waiters_with_their_situations_and_times() => Loops.Run(async () =>
    {
        var slots = new Slots(4);
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(
                async () =>
                {
                    using SlotLease lease = await slots.AcquireAsync(3, "compiling");
                    await Coroutine.SleepAsync(Seconds(2));
                    lease.Situation = "linking";
                    await Coroutine.SleepAsync(Hours(1));
                },
                "builder");
            await Coroutine.SleepAsync(Seconds(1));
            group.Start(async () => await slots.AcquireAsync(2, "to test"), "tester");
            await Coroutine.SleepAsync(Seconds(4));
            SlotStatistics statistics = slots.Statistics();
            Assert.Equal(4, statistics.Capacity);
            Assert.Equal(1, statistics.Free);
            Assert.Equal(new SlotUser("builder", 3, "linking", Seconds(5)), Assert.Single(statistics.Holders));
            Assert.Equal(new SlotUser("tester", 2, "to test", Seconds(4)), Assert.Single(statistics.Waiters));
            group.Cancel("seen");
        });
    });

    [Fact]
    public void A_demand_that_can_never_be_granted_is_refused_at_once() => Loops.Run(async () =>
    {
        var slots = new Slots(4, "cpu");
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await slots.AcquireAsync(5));
        Assert.Contains("'cpu' are 4: 5 can never be granted", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => slots.TryAcquire(out _, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => slots.TryAcquire(out _, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Slots(-1));
        Assert.Equal(4, slots.Free);
    });

    [Fact]
    public void Resizing_serves_who_waits_or_lets_the_leases_come_back_first() => Loops.Run(async () =>
    {
        var slots = new Slots(2);
        SlotLease first = await slots.AcquireAsync(2);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<SlotLease> waiter = group.Start(async () => await slots.AcquireAsync(2));
            await Coroutine.YieldAsync();
            slots.Resize(4);
            SlotLease second = await waiter.JoinAsync();
            slots.Resize(1);
            Assert.Equal(-3, slots.Free);
            Assert.False(slots.TryAcquire(out _));
            first.Dispose();
            second.Dispose();
            Assert.Equal(1, slots.Free);
        });
    });

    [Fact]
    public void Leases_come_back_after_closing() => Loops.Run(async () =>
    {
        var slots = new Slots(2);
        SlotLease lease = await slots.AcquireAsync(2);
        slots.Close("over");
        lease.Dispose();
        Assert.Equal(2, slots.Free);
        Assert.False(slots.TryAcquire(out _));
    });
}
