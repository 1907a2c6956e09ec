namespace Drover.Coroutines.Tests.Groups;

public sealed class TaskGroupPlainBodyTests
{
    [Fact]
    public void A_group_whose_body_only_starts_children_waits_for_them()
    {
        int ended = 0;

        EventLoop.Run(() => TaskGroup.RunAsync(group =>
        {
            group.Start(EndAsync);
            group.Start(EndAsync);
        }));

        Assert.Equal(2, ended);

        async Task EndAsync()
        {
            await Coroutine.YieldAsync();
            ended++;
        }
    }

    [Fact]
    public void A_body_that_throws_after_starting_a_child_cancels_and_awaits_it()
    {
        var thrown = new InvalidOperationException("from the body");
        Outcome? sleep = null;

        EventLoop.Run(async () =>
        {
            Task run = TaskGroup.RunAsync(group =>
            {
                group.Start(async () => sleep = await Coroutine.TrySleepAsync(Timeout.InfiniteTimeSpan));
                Fail();
            });

            TaskGroupException error = await Assert.ThrowsAsync<TaskGroupException>(() => run);
            Assert.Same(thrown, Assert.Single(error.InnerExceptions));
        });

        Assert.IsType<CancelReason.SiblingFailed>(sleep?.Reason);

        void Fail() => throw thrown;
    }

    [Fact]
    public void An_async_body_is_awaited_and_not_taken_for_a_plain_one()
    {
        bool isOver = false;

        EventLoop.Run(async () =>
        {
            await TaskGroup.RunAsync(async _ =>
            {
                await Coroutine.YieldAsync();
                isOver = true;
            });

            Assert.True(isOver);
        });
    }
}
