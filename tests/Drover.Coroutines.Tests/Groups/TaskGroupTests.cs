namespace Drover.Coroutines.Tests.Groups;

public sealed class TaskGroupTests
{
    [Fact]
    public void Leaving_the_group_waits_for_every_child() => Loops.Run(async () =>
    {
        int ended = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 1; i <= 5; i++)
            {
                int seconds = i;
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Seconds(seconds));
                    ended++;
                });
            }

            Assert.Equal(5, group.Running);
            return Task.CompletedTask;
        });
        Assert.Equal(5, ended);
    });

    [Fact]
    public void Leaving_the_group_waits_for_every_child_also_when_the_body_throws() => Loops.Run(async () =>
    {
        bool cleanedUp = false;
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.RunAsync(async group =>
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
            await Coroutine.YieldAsync();
            throw new InvalidDataException("body");
        }));
        Assert.True(cleanedUp);
        Assert.Equal("body", Assert.Single(error.InnerExceptions).Message);
    });

    [Fact]
    public void A_body_that_throws_before_it_returns_a_task_fails_the_group_too() => Loops.Run(async () =>
    {
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.RunAsync(static Task (_) => throw new InvalidDataException("body")));
        Assert.Equal("body", Assert.Single(error.InnerExceptions).Message);
    });

    [Fact]
    public void The_value_of_the_body_is_returned() => Loops.Run(async () =>
    {
        Assert.Equal(3, await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> one = group.Start(() => Task.FromResult(1));
            Coroutine<int> two = group.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(1));
                return 2;
            });
            return await one.JoinAsync() + await two.JoinAsync();
        }));
    });

    [Fact]
    public void Children_may_start_children_of_the_group_and_groups_of_their_own() => Loops.Run(async () =>
    {
        int ended = 0;
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(1));
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Seconds(1));
                    ended++;
                });
                await TaskGroup.RunAsync(inner =>
                {
                    inner.Start(async () =>
                    {
                        await Coroutine.SleepAsync(Seconds(5));
                        ended++;
                    });
                    return Task.CompletedTask;
                });
                ended++;
            });
            return Task.CompletedTask;
        });
        Assert.Equal(3, ended);
    });

    [Fact]
    public void A_child_that_comes_between_the_last_end_and_the_leaving_is_waited_for() => Loops.Run(async () =>
    {
        bool lateEnded = false;
        await TaskGroup.RunAsync(async around =>
        {
            TaskGroup? inner = null;
            Coroutine? last = null;
            Coroutine leaving = around.Start(() => TaskGroup.RunAsync(group =>
            {
                inner = group;
                last = group.Start(async () => await Coroutine.SleepAsync(Seconds(1)));
                return Task.CompletedTask;
            }));
            await Coroutine.YieldAsync();
            await last!.JoinAsync();
            Assert.Equal(0, inner!.Running);
            Assert.False(leaving.HasEnded);
            inner.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(5));
                lateEnded = true;
            });
            await leaving.JoinAsync();
            Assert.True(lateEnded);
        });
    });

    [Fact]
    public void A_group_that_is_over_takes_no_more_children() => Loops.Run(async () =>
    {
        TaskGroup? over = null;
        await TaskGroup.RunAsync(
            group =>
            {
                over = group;
                return Task.CompletedTask;
            },
            "the group");
        var error = Assert.Throws<InvalidOperationException>(() => over!.Start(() => Task.CompletedTask));
        Assert.Contains("the group is over", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_child_added_to_a_canceled_group_starts_canceled() => Loops.Run(async () =>
    {
        CancelReason? reason = null;
        await TaskGroup.RunAsync(group =>
        {
            group.Cancel("no more");
            group.Start(async () =>
            {
                Assert.True(CancelScope.Current.IsCanceled);
                reason = (await Coroutine.TrySleepAsync(Hours(1))).Reason;
            });
            return Task.CompletedTask;
        });
        Assert.Equal(new CancelReason.Requested("main", "no more"), reason);
    });

    [Fact]
    public void A_group_that_was_canceled_returns_normally() => Loops.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => await Coroutine.SleepAsync(Hours(1)));
            await Coroutine.SleepAsync(Seconds(1));
            group.Cancel("enough");
            await Coroutine.SleepAsync(Hours(1));
        });
        await Coroutine.SleepAsync(Seconds(1));
    });

    [Fact]
    public void A_canceled_group_without_a_value_throws_its_cancellation() => Loops.Run(async () =>
    {
        var error = await Assert.ThrowsAsync<ScopeCanceledException>(() => TaskGroup.RunAsync(async group =>
        {
            group.Cancel("enough");
            await Coroutine.SleepAsync(Hours(1));
            return 1;
        }));
        Assert.Equal(new CancelReason.Requested("main", "enough"), error.Reason);
    });

    [Fact]
    public void A_child_can_be_canceled_alone() => Loops.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine child = group.Start(async () => await Coroutine.SleepAsync(Hours(1)));
            Coroutine<int> sibling = group.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(2));
                return 1;
            });
            await Coroutine.SleepAsync(Seconds(1));
            child.Cancel("only you");
            Outcome outcome = await child.TryJoinAsync();
            Assert.Equal(new CancelReason.Requested("main", "only you"), outcome.Reason);
            Assert.Equal(1, await sibling.JoinAsync());
        });
    });

    [Fact]
    public void Results_come_by_name_and_by_handle() => Loops.Run(async () =>
    {
        TaskGroup? over = null;
        Coroutine<string>? handle = null;
        await TaskGroup.RunAsync(group =>
        {
            over = group;
            handle = group.Start(() => Task.FromResult("by handle"));
            group.Start(
                async () =>
                {
                    await Coroutine.SleepAsync(Seconds(1));
                    return 42;
                },
                "answer");
            Assert.Throws<InvalidOperationException>(() => group.Result<int>("answer"));
            return Task.CompletedTask;
        });
        Assert.Equal(42, over!.Result<int>("answer"));
        Assert.Throws<KeyNotFoundException>(() => over.Result<string>("answer"));
        Assert.Throws<KeyNotFoundException>(() => over.Result<int>("question"));
        Assert.Equal("by handle", handle!.Result);
        Assert.Equal("by handle", handle.Outcome.Value);
        Assert.True(handle.HasEnded);
    });

    [Fact]
    public void Joining_gives_the_value_the_failure_or_the_cancellation() => Loops.Run(async () =>
    {
        await TaskGroup.SuperviseAsync(
            async group =>
            {
                Coroutine<int> value = group.Start(() => Task.FromResult(1));
                Coroutine<int> failure = group.Start(Task<int> () => throw new InvalidDataException("bad"));
                Coroutine<int> canceled = group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Hours(1));
                    return 1;
                });
                Assert.Throws<InvalidOperationException>(() => value.Outcome);
                canceled.Cancel("stop");
                Assert.Equal(1, await value.JoinAsync());
                Assert.Equal("bad", (await Assert.ThrowsAsync<InvalidDataException>(async () => await failure.JoinAsync())).Message);
                Assert.Equal("bad", (await failure.TryJoinAsync()).Error?.Message);
                Assert.Equal(
                    new CancelReason.Requested("main", "stop"),
                    (await Assert.ThrowsAsync<ScopeCanceledException>(async () => await canceled.JoinAsync())).Reason);
                Assert.Equal(1, await value.JoinAsync()); // Again, and long after the end.
            },
            static (_, _) => { });
    });

    [Fact]
    public void A_canceled_join_leaves_the_coroutine_alone() => Loops.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> child = group.Start(async () =>
            {
                await Coroutine.SleepAsync(Seconds(2));
                return 1;
            });
            Outcome<int> outcome = await CancelScope.MoveOnAfterAsync(Seconds(1), async () => await child.JoinAsync());
            Assert.IsType<CancelReason.Deadline>(outcome.Reason);
            Assert.Equal(1, await child.JoinAsync());
        });
    });
}
