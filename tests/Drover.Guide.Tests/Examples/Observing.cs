using Drover.Coroutines.Testing;

namespace Drover.Guide.Tests.Examples;

/// <summary>The tree, virtual time, seeds.</summary>
internal static class Observing
{
    internal static async Task Tree()
    {
        #region tree
        var kettle = new Slots(1, "kettle");
        await TaskGroup.RunAsync(
            async group =>
            {
                group.Start(() => MakeTeaAsync("Ada"), "Ada");
                group.Start(() => MakeTeaAsync("Ben"), "Ben");
                await Coroutine.SleepAsync(TimeSpan.FromMinutes(1));
                Console.WriteLine(EventLoop.Current.Dump());
            },
            "tea time");

        async Task MakeTeaAsync(string guest)
        {
            using SlotLease lease = await kettle.AcquireAsync(situation: $"tea for {guest}");
            await Coroutine.SleepAsync(TimeSpan.FromMinutes(4), "the water boils");
        }
        #endregion
    }

    internal static void VirtualTime()
    {
        #region virtual-time
        Schedules.RunInVirtualTime(async () =>
        {
            DateTimeOffset begun = EventLoop.Current.Time.GetUtcNow();
            await Coroutine.SleepAsync(TimeSpan.FromDays(365));
            Console.WriteLine($"{(EventLoop.Current.Time.GetUtcNow() - begun).TotalDays} days");
        });
        #endregion
    }

    internal static void Seeds()
    {
        #region seeds
        try
        {
            Schedules.Explore(
                async () =>
                {
                    int balance = 0;
                    await TaskGroup.AllAsync(DepositAsync, DepositAsync);
                    if (balance != 2)
                    {
                        throw new InvalidOperationException($"the balance is {balance}");
                    }

                    async Task DepositAsync()
                    {
                        int before = balance; // The mistake: it is old after the await.
                        await Coroutine.YieldAsync();
                        balance = before + 1;
                    }
                },
                seeds: 20,
                test: "Two_deposits_count");
        }
        catch (ScheduleException e)
        {
            Console.WriteLine(e.Message);
        }
        #endregion
    }
}
