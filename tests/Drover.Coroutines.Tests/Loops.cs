using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Drover.Coroutines.Testing;

namespace Drover.Coroutines.Tests;

/// <summary>
/// Runs a test's body on an event loop of its own, on a thread of its own. A loop that does not end fails the test with
/// its tree, and so does a report that the test did not ask for.
/// </summary>
internal static class Loops
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    internal static EventLoopOptions VirtualTime { get; } = new()
    {
        Name = "test",
        VirtualTimeFrom = Schedules.Beginning,
        BlockedAfter = Timeout.InfiniteTimeSpan,
    };

    internal static EventLoopOptions RealTime { get; } = new() { Name = "test", BlockedAfter = Timeout.InfiniteTimeSpan };

    /// <summary>Runs <paramref name="body"/>, in virtual time unless the options say otherwise.</summary>
    internal static void Run(Func<Task> body, EventLoopOptions? options = null) => Run(
        async () =>
        {
            await body();
            return true;
        },
        options);

    /// <inheritdoc cref="Run(Func{Task}, EventLoopOptions?)"/>
    internal static T Run<T>(Func<Task<T>> body, EventLoopOptions? options = null)
    {
        options ??= VirtualTime;
        var reports = new ConcurrentQueue<LoopReport>();
        EventLoop? loop = null;
        T value = OnThread(
            () => EventLoop.Run(
                () =>
                {
                    loop = EventLoop.Current;
                    return body();
                },
                options.OnReport is null ? options with { OnReport = reports.Enqueue } : options),
            () => Stuck(loop));
        Assert.Empty(reports.Where(IsOfTheTest));
        return value;
    }

    /// <summary>As <see cref="Run(Func{Task}, EventLoopOptions?)"/>, with the machine's clock: for what comes from outside.</summary>
    internal static void RunInRealTime(Func<Task> body) => Run(body, RealTime);

    /// <summary>Runs the body and returns what the loop reported meanwhile, but for blocking waits.</summary>
    internal static IReadOnlyList<LoopReport> Reports(Func<Task> body, EventLoopOptions? options = null)
    {
        var reports = new ConcurrentQueue<LoopReport>();
        Run(body, (options ?? VirtualTime) with { OnReport = reports.Enqueue });
        return [.. reports.Where(IsOfTheTest)];
    }

    /// <summary>Under load the framework's own locks (loading a type, formatting an error) may make a loop wait.</summary>
    private static bool IsOfTheTest(LoopReport report) => report is not LoopReport.BlockingWait;

    /// <summary>Runs a body that deadlocks, and returns the error.</summary>
    internal static DeadlockException Deadlock(Func<Task> body, EventLoopOptions? options = null) => Assert.Throws<DeadlockException>(
        () => Run(body, (options ?? RealTime) with { OnReport = static _ => { } }));

    /// <summary>Calls <paramref name="body"/> on a new thread and waits for it with patience, but not for ever.</summary>
    internal static T OnThread<T>(Func<T> body, Func<string>? whenStuck = null)
    {
        T value = default!;
        ExceptionDispatchInfo? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                value = body();
            }
            catch (Exception e)
            {
                error = ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true, Name = "test-loop" };
        thread.UnsafeStart(); // With no value of an AsyncLocal, as a program begins.
        if (!thread.Join(s_patience))
        {
            Assert.Fail($"Not over after {s_patience.TotalSeconds:0} s.\n{whenStuck?.Invoke()}");
        }

        error?.Throw();
        return value;
    }

    /// <summary>Waits for a task from a thread that runs no loop, with patience, but not for ever.</summary>
    internal static async Task Within(Task task) => await task.WaitAsync(s_patience);

    /// <inheritdoc cref="Within(Task)"/>
    internal static async Task<T> Within<T>(Task<T> task) => await task.WaitAsync(s_patience);

    private static string Stuck(EventLoop? loop)
    {
        Task<string>? dump = loop?.DumpAsync();
        return dump?.Wait(TimeSpan.FromSeconds(2)) == true ? dump.Result : "Its loop does not answer.";
    }
}
