using System.Diagnostics;

namespace Drover.EndToEnd.Tests;

/// <summary>Waits for what other processes do, with more patience than a busy machine needs.</summary>
internal static class Eventually
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when the condition holds.</summary>
    internal static Task IsTrueAsync(Func<bool> condition, string what) => IsTrueAsync(() => Task.FromResult(condition()), what);

    /// <summary>Returns when the condition holds.</summary>
    internal static async Task IsTrueAsync(Func<Task<bool>> condition, string what)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"waited in vain for {what}");
            await Task.Delay(s_pause);
        }
    }

    /// <summary>The result of a task that has to end.</summary>
    internal static async Task<T> EndsAsync<T>(Task<T> task, Func<string> what)
    {
        try
        {
            return await task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"waited in vain for {what()}");
        }
    }
}
