namespace Drover.Agent.Tests.Fakes;

/// <summary>Waits that end with a failed test instead of never.</summary>
internal static class Patience
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    internal static Task Within(this Task task) => task.WaitAsync(s_limit);

    internal static Task<T> Within<T>(this Task<T> task) => task.WaitAsync(s_limit);

    internal static Task<T> Within<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(s_limit);

    /// <summary>Asks again until it is so: for what nobody announces.</summary>
    internal static Task UntilAsync(Func<bool> isSo, string what) => UntilAsync(() => Task.FromResult(isSo()), what);

    /// <summary>Asks again until it is so: for what nobody announces.</summary>
    internal static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        long begun = Environment.TickCount64;
        while (!await isSo())
        {
            Assert.True(Environment.TickCount64 - begun < s_limit.TotalMilliseconds, $"Still not: {what}");
            await Task.Delay(5);
        }
    }
}
