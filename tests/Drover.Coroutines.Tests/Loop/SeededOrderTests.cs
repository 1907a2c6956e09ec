using Drover.Coroutines.Testing;

namespace Drover.Coroutines.Tests.Loop;

public sealed class SeededOrderTests
{
    [Fact]
    public void The_same_seed_gives_the_same_order_and_hash()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            (string order, ulong hash) = Run(seed);
            Assert.Equal((order, hash), Run(seed));
        }
    }

    [Fact]
    public void Different_seeds_give_different_orders_and_hashes()
    {
        var runs = Enumerable.Range(0, 100).Select(seed => Run((ulong)seed)).ToArray();
        Assert.True(runs.Select(run => run.Order).Distinct().Count() > 90);
        Assert.True(runs.Select(run => run.Hash).Distinct().Count() > 90);
    }

    [Fact]
    public void Every_order_of_three_is_drawn_sooner_or_later()
    {
        var orders = new HashSet<string>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            Schedules.Run(seed, async () =>
            {
                string order = "";
                await TaskGroup.AllAsync([.. "abc".Select(name => (Func<Task>)(() =>
                {
                    order += name;
                    return Task.CompletedTask;
                }))]);
                orders.Add(order);
            });
        }

        Assert.Equal(["abc", "acb", "bac", "bca", "cab", "cba"], orders.Order());
    }

    [Fact]
    public void A_seeded_order_keeps_the_order_within_a_coroutine_and_the_time() => Loops.Run(
        async () =>
        {
            var order = new List<int>();
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 20; i++)
                {
                    group.Start(async () =>
                    {
                        for (int second = 1; second <= 5; second++)
                        {
                            await Coroutine.SleepAsync(Seconds(1));
                            order.Add(second);
                        }
                    });
                }

                return Task.CompletedTask;
            });
            Assert.Equal(order.Order(), order);
        },
        Loops.VirtualTime with { Seed = 7 });

    [Fact]
    public void Without_a_seed_coroutines_run_first_come_first_served() => Assert.Equal(Run(null), Run(null));

    private static (string Order, ulong Hash) Run(ulong? seed) => Loops.Run(
        async () =>
        {
            string order = "";
            var channel = new Channel<char>(2);
            await TaskGroup.RunAsync(async group =>
            {
                foreach (char name in "abcdef")
                {
                    group.Start(async () =>
                    {
                        await Coroutine.YieldAsync();
                        await channel.SendAsync(name);
                        await Coroutine.SleepAsync(Seconds(name - 'a' + 1));
                        order += name;
                    });
                }

                for (int i = 0; i < 6; i++)
                {
                    order += char.ToUpperInvariant(await channel.ReceiveAsync());
                }
            });
            return (order, EventLoop.Current.TraceHash);
        },
        Loops.VirtualTime with { Seed = seed });
}
