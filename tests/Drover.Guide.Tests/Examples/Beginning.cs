namespace Drover.Guide.Tests.Examples;

/// <summary>The first programs, each with a loop of its own.</summary>
internal static class Beginning
{
    internal static void Hello()
    {
        #region hello
        EventLoop.Run(async () =>
        {
            await TaskGroup.RunAsync(group =>
            {
                group.Start(() => GreetAsync("Ada", milliseconds: 200));
                group.Start(() => GreetAsync("Ben", milliseconds: 100));
            });
            Console.WriteLine("everybody was greeted");
        });

        static async Task GreetAsync(string name, int milliseconds)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(milliseconds));
            Console.WriteLine($"hello, {name}");
        }
        #endregion
    }

    internal static void Package()
    {
        #region package
        EventLoop.Run(async () =>
        {
            var orders = new Channel<string>(capacity: 4, "orders");
            Outcome day = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(100), () => TaskGroup.RunAsync(group =>
            {
                group.Start(async () => await orders.SendAsync("tea"), "waiter");
                group.Start(() => CookAsync(orders), "cook");
            }));
            Console.WriteLine(day); // An outcome, not an exception: done, or canceled and why.
        });

        static async Task CookAsync(Channel<string> orders)
        {
            await foreach (string order in orders)
            {
                Console.WriteLine($"here is your {order}");
            }
        }
        #endregion
    }

    internal static async Task Counter()
    {
        #region counter
        int counter = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 1000; i++)
            {
                group.Start(async () =>
                {
                    counter += 1; // No lock: nobody else runs between two awaits.
                    await Coroutine.YieldAsync();
                    counter += 1;
                });
            }
        });
        Console.WriteLine(counter);
        #endregion
    }
}
