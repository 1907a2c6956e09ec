namespace Drover.Guide.Tests.Examples;

/// <summary>Task groups.</summary>
internal static class Groups
{
    internal static async Task Results()
    {
        #region results
        // By handle.
        int total = await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> first = group.Start(() => WeighAsync("apple"));
            Coroutine<int> second = group.Start(() => WeighAsync("pear"));
            return await first.JoinAsync() + await second.JoinAsync();
        });

        // Both at once; the first of several; a list with a limit, in order; each as it comes.
        (int apple, int pear) = await TaskGroup.AllAsync(() => WeighAsync("apple"), () => WeighAsync("pear"));
        int lightest = await TaskGroup.FirstAsync(() => WeighAsync("cucumber"), () => WeighAsync("fig"));
        int[] all = await TaskGroup.MapAsync(["cherry", "fig", "plum"], limit: 2, WeighAsync);
        Console.WriteLine($"{total}, {apple + pear}, {lightest}, {string.Join(" ", all)}");
        await foreach (int weight in TaskGroup.AsCompletedAsync(() => WeighAsync("cherry"), () => WeighAsync("fig")))
        {
            Console.WriteLine(weight);
        }

        static async Task<int> WeighAsync(string fruit)
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(fruit.Length));
            return fruit.Length;
        }
        #endregion
    }

    internal static async Task Failure()
    {
        #region failure
        try
        {
            await TaskGroup.RunAsync(
                group =>
                {
                    group.Start(ReadAsync, "reader");
                    group.Start(WriteAsync, "writer");
                },
                "copy");
        }
        catch (TaskGroupException e)
        {
            Console.WriteLine(e.Message);
        }

        static async Task ReadAsync()
        {
            try
            {
                await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            }
            catch (ScopeCanceledException e)
            {
                Console.WriteLine($"the reader ends: {e.Reason}");
                throw;
            }
        }

        static async Task WriteAsync()
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            throw new IOException("the disk is full");
        }
        #endregion
    }

    internal static async Task Supervise()
    {
        #region supervise
        await TaskGroup.SuperviseAsync(
            async group =>
            {
                group.Start(() => throw new InvalidOperationException("no such user"), "request 1");
                Coroutine<string> second = group.Start(() => Task.FromResult("hello"), "request 2");
                Console.WriteLine(await second.JoinAsync());
            },
            onFailure: (child, error) => Console.WriteLine($"{child.Name} failed: {error.Message}"));
        #endregion
    }
}
