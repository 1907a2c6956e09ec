namespace Drover.Guide.Tests.Examples;

/// <summary>Event, Channel, Slots, Lifetime.</summary>
internal static class Waiting
{
    internal static async Task Channels()
    {
        #region channel
        var numbers = new Channel<int>(capacity: 2, "numbers");
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                for (int i = 1; i <= 4; i++)
                {
                    await numbers.SendAsync(i); // Waits while the channel is full.
                }

                numbers.Close("that was all");
            });
            group.Start(async () =>
            {
                await foreach (int number in numbers)
                {
                    Console.WriteLine(number);
                }
            });
        });

        Outcome<int> next = await numbers.TryReceiveAsync();
        Console.WriteLine(next.Reason);
        #endregion
    }

    internal static async Task SlotsAndStatistics()
    {
        #region slots
        var cores = new Slots(16, "cores");
        using (SlotLease lease = await cores.AcquireAsync(4, "simulation 7"))
        {
            SlotStatistics now = cores.Statistics();
            Console.WriteLine($"{now.Free} free; {now.Holders[0].Coroutine} holds {now.Holders[0].Demand} for {now.Holders[0].Situation}");
        }

        Console.WriteLine($"{cores.Free} free");
        #endregion
    }

    internal static async Task Lifetimes()
    {
        #region lifetime
        var agent = new Lifetime("agent 7");
        var connected = new Event("connected", owner: agent);
        var replies = new Channel<string>(8, "replies", owner: agent);
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => Console.WriteLine((await connected.TryWaitAsync()).Reason));
            group.Start(async () => Console.WriteLine((await replies.TryReceiveAsync()).Reason));
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            agent.End("the connection was lost");
        });
        Console.WriteLine((await replies.TrySendAsync("too late")).Reason);
        #endregion
    }
}
