namespace Drover.Coroutines;

/// <summary>Hears of a task's end where the task ends.</summary>
internal static class TaskEnding
{
    /// <summary>
    /// Calls back with the ended task: now, if it has ended, or inside of whatever ends it.
    /// </summary>
    /// <remarks>
    /// An await would be posted to the context it began in or, without one, be queued to the thread pool if
    /// the task ended under another. Only a stack that is nearly used up makes this one be queued.
    /// </remarks>
    public static void WhenEnded<T>(this Task<T> task, Action<Task<T>, object?> ended, object? state)
    {
        if (task.IsCompleted)
        {
            ended(task, state);
            return;
        }

        _ = task.ContinueWith(
            ended,
            state,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
