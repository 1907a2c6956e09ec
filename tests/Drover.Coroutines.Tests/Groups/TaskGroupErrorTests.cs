namespace Drover.Coroutines.Tests.Groups;

public sealed class TaskGroupErrorTests
{
    private static async Task FailAfterAsync(double seconds, string message)
    {
        await Coroutine.SleepAsync(Seconds(seconds));
        throw new InvalidDataException(message);
    }

    private static async Task<string[]> ErrorsOf(Func<TaskGroup, Task> body)
    {
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.RunAsync(body));
        return [.. error.InnerExceptions.Select(e => e.Message)];
    }

    [Fact]
    public void A_failing_child_cancels_its_siblings_and_the_body() => Loops.Run(async () =>
    {
        CancelReason? sibling = null;
        CancelReason? body = null;
        Assert.Equal(["bad"], await ErrorsOf(async group =>
        {
            group.Start(() => FailAfterAsync(1, "bad"), "failing");
            group.Start(async () => sibling = (await Coroutine.TrySleepAsync(Hours(1))).Reason);
            body = (await Coroutine.TrySleepAsync(Hours(1))).Reason;
        }));
        var reason = Assert.IsType<CancelReason.SiblingFailed>(sibling);
        Assert.Equal("failing", reason.Sibling);
        Assert.Equal("bad", reason.Error.Message);
        Assert.Equal(sibling, body);
    });

    [Fact]
    public void A_child_that_throws_before_it_returns_a_task_fails_the_group_too() => Loops.Run(async () =>
        Assert.Equal(["bad"], await ErrorsOf(group =>
        {
            group.Start(static Task () => throw new InvalidDataException("bad"));
            return Task.CompletedTask;
        })));

    [Fact]
    public void Every_error_is_kept_in_the_order_in_which_they_happened() => Loops.Run(async () =>
        Assert.Equal(["first", "clean-up of a", "clean-up of b", "the body's"], await ErrorsOf(async group =>
        {
            foreach (string name in new[] { "a", "b" })
            {
                group.Start(async () =>
                {
                    try
                    {
                        await Coroutine.SleepAsync(Hours(1));
                    }
                    finally
                    {
                        Fail($"clean-up of {name}");
                    }
                });
            }

            group.Start(() => FailAfterAsync(1, "first"));
            await CancelScope.RunAsync(async _ => await Coroutine.SleepAsync(Seconds(2)), shield: true);
            Fail("the body's");
        })));

    [Fact]
    public void No_error_is_kept_twice() => Loops.Run(async () =>
    {
        Assert.Equal(["bad"], await ErrorsOf(async group =>
        {
            Coroutine child = group.Start(() => FailAfterAsync(1, "bad"));
            group.Start(async () => await CancelScope.RunAsync(async _ => await child.JoinAsync(), shield: true));
            await CancelScope.RunAsync(async _ => await child.JoinAsync(), shield: true);
        }));
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.RunAsync(async group =>
        {
            Coroutine child = group.Start(() => Task.WhenAll(FailAfterAsync(1, "one"), FailAfterAsync(1, "two")));
            await CancelScope.RunAsync(async _ => await child.JoinAsync(), shield: true);
        }));
        Assert.Equal(["one", "two"], error.Flatten().InnerExceptions.Select(e => e.Message));
    });

    [Fact]
    public void Cancellations_that_the_group_caused_are_no_errors() => Loops.Run(async () =>
        Assert.Equal(["bad"], await ErrorsOf(async group =>
        {
            for (int i = 0; i < 5; i++)
            {
                group.Start(async () => await Coroutine.SleepAsync(Hours(1)));
                group.Start(() => Task.Delay(Hours(1), EventLoop.Current.Time, CancelScope.Current.Token));
            }

            group.Start(() => FailAfterAsync(1, "bad"));
            await Coroutine.SleepAsync(Hours(1));
        })));

    [Fact]
    public void A_cancellation_of_the_childs_own_is_an_error() => Loops.Run(async () =>
    {
        using var own = new CancellationTokenSource();
        await own.CancelAsync();
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.RunAsync(group =>
        {
            group.Start(() => Task.FromCanceled(own.Token));
            return Task.CompletedTask;
        }));
        Assert.IsAssignableFrom<OperationCanceledException>(Assert.Single(error.InnerExceptions));
    });

    [Fact]
    public void A_cancellation_from_around_passes_through_the_group_when_all_have_ended() => Loops.Run(async () =>
    {
        bool cleanedUp = false;
        Outcome outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), async () =>
        {
            await TaskGroup.RunAsync(group =>
            {
                group.Start(async () =>
                {
                    try
                    {
                        await Coroutine.SleepAsync(Hours(1));
                    }
                    finally
                    {
                        await CancelScope.ShieldAsync(Seconds(5), async () => await Coroutine.SleepAsync(Seconds(1)));
                        cleanedUp = true;
                    }
                });
                return Task.CompletedTask;
            });
            Assert.Fail("The group swallowed the cancellation.");
        });
        Assert.True(outcome.IsCanceled);
        Assert.True(cleanedUp);
    });

    [Fact]
    public void An_error_while_the_cancellation_from_around_cleans_up_is_kept() => Loops.Run(async () =>
    {
        var error = await Assert.ThrowsAsync<TaskGroupException>(async () => await CancelScope.MoveOnAfterAsync(
            Seconds(1), () => TaskGroup.RunAsync(group =>
            {
                group.Start(async () =>
                {
                    try
                    {
                        await Coroutine.SleepAsync(Hours(1));
                    }
                    finally
                    {
                        Fail("clean-up");
                    }
                });
                return Task.CompletedTask;
            })));
        Assert.Equal("clean-up", Assert.Single(error.InnerExceptions).Message);
    });

    [Fact]
    public void A_nested_groups_errors_arrive_as_one() => Loops.Run(async () =>
    {
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.RunAsync(
            group =>
            {
                group.Start(() => TaskGroup.RunAsync(
                    inner =>
                    {
                        inner.Start(() => FailAfterAsync(1, "bad"));
                        return Task.CompletedTask;
                    },
                    "inner"));
                return Task.CompletedTask;
            },
            "outer"));
        Assert.Contains("'outer'", error.Message, StringComparison.Ordinal);
        Assert.Contains("'inner'", Assert.IsType<TaskGroupException>(Assert.Single(error.InnerExceptions)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void An_exception_keeps_its_own_stack() => Loops.Run(async () =>
    {
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.RunAsync(group =>
        {
            group.Start(() => FailAfterAsync(1, "bad"));
            return Task.CompletedTask;
        }));
        Assert.Contains(nameof(FailAfterAsync), error.InnerException!.StackTrace, StringComparison.Ordinal);
    });

    [Fact]
    public void What_an_async_void_method_throws_fails_the_group() => Loops.Run(async () =>
        Assert.Equal(["nobody awaits this"], await ErrorsOf(async group =>
        {
            group.Start(async () =>
            {
                Forgotten();
                await Coroutine.SleepAsync(Hours(1));
            });
            await Coroutine.SleepAsync(Hours(1));

            static async void Forgotten()
            {
                await Coroutine.SleepAsync(Seconds(1));
                throw new InvalidDataException("nobody awaits this");
            }
        })));

    [Fact]
    public void What_an_async_void_method_throws_after_the_end_of_its_group_is_reported()
    {
        var report = Assert.IsType<LoopReport.ChildFailed>(Assert.Single(Loops.Reports(async () =>
        {
            var mayFail = new TaskCompletionSource();
            await TaskGroup.RunAsync(group =>
            {
                group.Start(
                    () =>
                    {
                        Forgotten(mayFail.Task);
                        return Task.CompletedTask;
                    },
                    "careless");
                return Task.CompletedTask;
            });
            mayFail.SetResult();
            await Coroutine.SleepAsync(Seconds(1));

            static async void Forgotten(Task mayFail)
            {
                await mayFail;
                throw new InvalidDataException("nobody awaits this");
            }
        })));
        Assert.Equal("careless", report.Coroutine);
        Assert.Equal("nobody awaits this", report.Error.Message);
    }

    private static void Fail(string message) => throw new InvalidDataException(message);
}
