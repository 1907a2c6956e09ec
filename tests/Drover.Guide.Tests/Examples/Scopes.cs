namespace Drover.Guide.Tests.Examples;

/// <summary>Cancel scopes.</summary>
internal static class Scopes
{
    internal static async Task Deadlines()
    {
        #region deadlines
        Outcome<string> moved = await CancelScope.MoveOnAfterAsync(TimeSpan.FromSeconds(1), DownloadAsync);
        Console.WriteLine(moved.TryGetValue(out string? page) ? page : $"no page: {moved.Reason}");

        try
        {
            await CancelScope.FailAfterAsync(TimeSpan.FromSeconds(1), DownloadAsync, "download");
        }
        catch (TimeoutException e)
        {
            Console.WriteLine(e.Message);
        }

        static async Task<string> DownloadAsync()
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(30), "the server's answer");
            return "<html>";
        }
        #endregion
    }

    internal static async Task Request()
    {
        #region request
        Outcome visit = await CancelScope.RunAsync(async scope =>
        {
            await TaskGroup.RunAsync(group =>
            {
                group.Start(() => Coroutine.SleepAsync(TimeSpan.FromHours(1)).AsTask(), "guest");
                group.Start(
                    async () =>
                    {
                        await Coroutine.SleepAsync(TimeSpan.FromMinutes(5));
                        scope.Cancel("the house is on fire");
                    },
                    "neighbor");
            });
        });
        Console.WriteLine(visit.Reason is CancelReason.Requested(var by, var why) ? $"{by} said: {why}" : "a quiet evening");
        #endregion
    }

    internal static async Task Level()
    {
        #region level
        await CancelScope.MoveOnAfterAsync(TimeSpan.FromSeconds(1), async () =>
        {
            for (int attempt = 1; attempt <= 3; attempt++)
            {
                try
                {
                    await Coroutine.SleepAsync(TimeSpan.FromHours(1));
                }
                catch (OperationCanceledException)
                {
                    Console.WriteLine($"attempt {attempt} was canceled"); // Swallowed, but the scope stays canceled.
                }
            }

            await CancelScope.ShieldAsync(TimeSpan.FromSeconds(5), async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(2));
                Console.WriteLine("cleaned up");
            });
        });
        #endregion
    }

    internal static async Task Token()
    {
        #region token
        Outcome<string> answer = await CancelScope.MoveOnAfterAsync(TimeSpan.FromSeconds(1), async () =>
        {
            await Task.Delay(TimeSpan.FromHours(1), EventLoop.Current.Time, CancelScope.Current.Token);
            return "here";
        });
        Console.WriteLine(answer.IsCanceled);
        #endregion
    }
}
