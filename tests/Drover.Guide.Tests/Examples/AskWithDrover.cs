namespace Drover.Guide.Tests.Examples;

/// <summary>The task that the guide shows in every language, here with this library.</summary>
internal static class AskWithDrover
{
    internal static async Task Run()
    {
        #region ask
        await AskAllAsync(TimeSpan.FromSeconds(10));
        await AskAllAsync(TimeSpan.FromMilliseconds(50));

        static async Task AskAllAsync(TimeSpan limit)
        {
            Outcome<int[]> answers = await CancelScope.MoveOnAfterAsync(
                limit, () => TaskGroup.MapAsync([1, 2, 3], limit: 3, AskAsync));
            Console.WriteLine(answers.TryGetValue(out int[]? all) ? string.Join(" ", all) : "too late");
        }

        static async Task<int> AskAsync(int server)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(100 * server));
            return server * server;
        }
        #endregion
    }
}
