namespace Drover.Coroutines;

/// <content>Task groups for the usual shapes of work.</content>
public sealed partial class TaskGroup
{
    /// <summary>
    /// Runs all at once and returns their values in the order given. Returns when all have ended. The first failure
    /// cancels the others, and so does the cancellation of a scope around.
    /// </summary>
    /// <exception cref="TaskGroupException">One or more failed: all errors.</exception>
    /// <exception cref="ScopeCanceledException">A scope around was canceled.</exception>
    public static Task<T[]> AllAsync<T>(params IEnumerable<Func<Task<T>>> bodies) => RunAsync(async group =>
    {
        Coroutine<T>[] children = [.. bodies.Select(body => group.Start(body))];
        return await JoinAllAsync(children);
    });

    /// <inheritdoc cref="AllAsync{T}(IEnumerable{Func{Task{T}}})"/>
    public static Task AllAsync(params IEnumerable<Func<Task>> bodies) => RunAsync(group =>
    {
        foreach (Func<Task> body in bodies)
        {
            group.Start(body);
        }

        return Task.CompletedTask;
    });

    /// <summary>Runs both at once and returns both values when both have ended. The first failure cancels the other.</summary>
    /// <exception cref="TaskGroupException">One or both failed.</exception>
    /// <exception cref="ScopeCanceledException">A scope around was canceled.</exception>
    public static Task<(T1 First, T2 Second)> AllAsync<T1, T2>(Func<Task<T1>> first, Func<Task<T2>> second) => RunAsync(async group =>
    {
        Coroutine<T1> one = group.Start(first);
        Coroutine<T2> two = group.Start(second);
        return (await one.JoinAsync(), await two.JoinAsync());
    });

    /// <summary>
    /// Runs all at once and returns the first value; the others are canceled and waited for. A failure before any value
    /// ends it too: the rest is canceled and the errors are thrown. The value of one that ends all the same is dropped, and
    /// with it what it may have taken from elsewhere.
    /// </summary>
    /// <exception cref="TaskGroupException">One or more failed, before the first value or while they were canceled.</exception>
    /// <exception cref="ArgumentException">There is nothing to run; within the <see cref="TaskGroupException"/>.</exception>
    /// <exception cref="ScopeCanceledException">A scope around was canceled.</exception>
    public static async Task<T> FirstAsync<T>(params IEnumerable<Func<Task<T>>> bodies)
    {
        Outcome<T>? first = null;
        await RunAsync(group =>
        {
            foreach (Func<Task<T>> body in bodies)
            {
                group.Start(async () =>
                {
                    T value = await body();
                    if (first is null)
                    {
                        first = new Outcome<T>(value);
                        group.Cancel("another was first");
                    }
                    else
                    {
                        await DisposeAsync(value);
                    }
                });
            }

            return group.Running > 0 ? Task.CompletedTask : throw new ArgumentException("There is nothing to run.", nameof(bodies));
        });
        return (first ?? throw new CoroutineException("Every body canceled its own coroutine, so that there is no first value.")).Value;
    }

    /// <summary>A value that came too late: a connection, a lease.</summary>
    private static async ValueTask DisposeAsync(object? value)
    {
        if (value is IAsyncDisposable asyncDisposable)
        {
            await asyncDisposable.DisposeAsync();
        }
        else
        {
            (value as IDisposable)?.Dispose();
        }
    }

    /// <summary>
    /// Calls <paramref name="body"/> for each item, at most <paramref name="limit"/> at once, and returns the values in
    /// the order of the items. The items are taken one by one as there is room. The first failure cancels the rest.
    /// </summary>
    /// <param name="items">The items; enumerated once, on the loop's thread.</param>
    /// <param name="limit">At least one.</param>
    /// <param name="body">The code.</param>
    /// <exception cref="TaskGroupException">One or more failed: all errors.</exception>
    /// <exception cref="ScopeCanceledException">A scope around was canceled; what ran has ended.</exception>
    public static Task<T[]> MapAsync<TItem, T>(IEnumerable<TItem> items, int limit, Func<TItem, Task<T>> body)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(body);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return MapCheckedAsync(items, limit, body);
    }

    private static async Task<T[]> MapCheckedAsync<TItem, T>(IEnumerable<TItem> items, int limit, Func<TItem, Task<T>> body)
    {
        var values = new List<T>();
        using IEnumerator<TItem> rest = items.GetEnumerator();
        int workers = 0;
        int computed = 0;
        await RunAsync(group =>
        {
            StartWorker(group);
            return Task.CompletedTask;
        });
        return computed == values.Count
            ? [.. values]
            : throw new CoroutineException("A body canceled its own coroutine, so that one of the values was not computed.");

        void StartWorker(TaskGroup group)
        {
            workers++;
            group.Start(() => WorkAsync(group));
        }

        async Task WorkAsync(TaskGroup group)
        {
            while (true)
            {
                CancelScope.Current.ThrowIfCanceled(); // Before an item is taken that nobody would work on.
                if (!rest.MoveNext())
                {
                    return;
                }

                if (workers < limit)
                {
                    StartWorker(group); // One by one: nobody knows how many items will come, and the limit may be any number.
                }

                int index = values.Count;
                values.Add(default!);
                values[index] = await body(rest.Current);
                computed++;
            }
        }
    }

    /// <summary>As <see cref="MapAsync{TItem, T}(IEnumerable{TItem}, int, Func{TItem, Task{T}})"/>, for bodies without a value.</summary>
    public static Task ForEachAsync<TItem>(IEnumerable<TItem> items, int limit, Func<TItem, Task> body) => MapAsync(items, limit, async item =>
    {
        await body(item);
        return true;
    });

    /// <summary>
    /// Runs all at once and yields their values as they come. Leaving the enumeration early cancels the rest and waits
    /// for them.
    /// </summary>
    /// <exception cref="TaskGroupException">
    /// One or more failed; thrown by the enumeration, after all have ended, in place of values that were still to come.
    /// </exception>
    /// <exception cref="ScopeCanceledException">A scope around was canceled.</exception>
    public static async IAsyncEnumerable<T> AsCompletedAsync<T>(params IEnumerable<Func<Task<T>>> bodies)
    {
        TaskGroup group = Create("as completed", supervises: false);
        group.Link(CancelScope.Current); // Linked but not entered: between two values the consumer's code is not in the group.
        var values = new Queue<T>();
        var news = new Event("as completed");
        try
        {
            foreach (Func<Task<T>> body in bodies)
            {
                group.Start(async () =>
                {
                    try
                    {
                        values.Enqueue(await body());
                    }
                    finally
                    {
                        news.Set();
                    }
                });
            }

            while (values.Count > 0 || group.Running > 0)
            {
                if (group._errors is not null)
                {
                    break;
                }

                if (values.TryDequeue(out T? value))
                {
                    yield return value;
                }
                else if (group.Running > 0)
                {
                    news.Reset();
                    await news.WaitAsync("the next value");
                }
            }
        }
        finally
        {
            group.CancelHere(new CancelReason.Requested(Coroutine.Caller(), "the enumeration was left"));
            await group.EndAsync();
            group.ThrowIfFailed(); // Here, so that also an enumeration that was left or canceled loses no error.
        }
    }

    /// <summary>Waits for the children of a group that was linked and not entered.</summary>
    private async ValueTask EndAsync()
    {
        while (Running > 0)
        {
            await ChildrenEndedAsync();
        }

        _isOver = true;
        Unlink();
    }

    private static async Task<T[]> JoinAllAsync<T>(Coroutine<T>[] children)
    {
        var values = new T[children.Length];
        for (int i = 0; i < children.Length; i++)
        {
            values[i] = await children[i].JoinAsync();
        }

        return values;
    }
}
