namespace Drover.Coroutines.Tests.Groups;

public sealed class SuperviseTests
{
    private static async Task FailAfterAsync(double seconds, string message)
    {
        await Coroutine.SleepAsync(Seconds(seconds));
        throw new InvalidDataException(message);
    }

    [Fact]
    public void A_childs_failure_stays_its_own_and_is_observable() => Loops.Run(async () =>
    {
        var failures = new List<(string, string)>();
        bool siblingDone = false;
        await TaskGroup.SuperviseAsync(
            async group =>
            {
                Coroutine failing = group.Start(() => FailAfterAsync(1, "bad"), "failing");
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Seconds(5));
                    siblingDone = true;
                });
                Outcome outcome = await failing.TryJoinAsync();
                Assert.Equal("bad", outcome.Error!.Message);
                await Coroutine.SleepAsync(Seconds(1));
            },
            (child, error) => failures.Add((child.Name, error.Message)));
        Assert.True(siblingDone);
        Assert.Equal([("failing", "bad")], failures);
    });

    [Fact]
    public void A_failure_that_nobody_handles_is_reported_once()
    {
        var report = Assert.IsType<LoopReport.ChildFailed>(Assert.Single(Loops.Reports(() => TaskGroup.SuperviseAsync(group =>
        {
            group.Start(() => FailAfterAsync(1, "bad"), "failing");
            return Task.CompletedTask;
        }))));
        Assert.Equal("failing", report.Coroutine);
        Assert.StartsWith("SuperviseTests.cs:", report.StartedAt, StringComparison.Ordinal);
        Assert.Equal("bad", report.Error.Message);
        Assert.Contains("'failing' (started at SuperviseTests.cs:", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_of_the_body_cancels_the_children_and_is_thrown() => Loops.Run(async () =>
    {
        CancelReason? reason = null;
        var error = await Assert.ThrowsAsync<TaskGroupException>(() => TaskGroup.SuperviseAsync(async group =>
        {
            group.Start(async () => reason = (await Coroutine.TrySleepAsync(Hours(1))).Reason);
            await FailAfterAsync(1, "the body's");
        }));
        Assert.Equal("the body's", Assert.Single(error.InnerExceptions).Message);
        Assert.IsType<CancelReason.SiblingFailed>(reason);
    });

    [Fact]
    public void A_handler_that_throws_is_reported_and_the_group_goes_on()
    {
        bool siblingDone = false;
        var report = Assert.Single(Loops.Reports(() => TaskGroup.SuperviseAsync(
            group =>
            {
                group.Start(() => FailAfterAsync(1, "bad"));
                group.Start(async () =>
                {
                    await Coroutine.SleepAsync(Seconds(2));
                    siblingDone = true;
                });
                return Task.CompletedTask;
            },
            static (_, _) => throw new InvalidOperationException("the handler's"))));
        Assert.Equal("the handler's", Assert.IsType<LoopReport.CallbackFailed>(report).Error.Message);
        Assert.True(siblingDone);
    }

    [Fact]
    public void Canceling_a_supervising_group_ends_all_children_without_an_error() => Loops.Run(async () =>
    {
        await TaskGroup.SuperviseAsync(async group =>
        {
            for (int i = 0; i < 5; i++)
            {
                group.Start(async () => await Coroutine.SleepAsync(Hours(1)));
            }

            await Coroutine.SleepAsync(Seconds(1));
            group.Cancel("enough");
        });
    });

    [Fact]
    public void A_failure_after_the_group_was_canceled_is_not_lost() => Loops.Run(async () =>
    {
        var failures = new List<string>();
        await TaskGroup.SuperviseAsync(
            async group =>
            {
                group.Start(async () =>
                {
                    try
                    {
                        await Coroutine.SleepAsync(Hours(1));
                    }
                    finally
                    {
                        await FailAfterAsync(0, "clean-up").ContinueWith(
                            static t => throw new InvalidDataException("clean-up"), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                    }
                });
                await Coroutine.SleepAsync(Seconds(1));
                group.Cancel("enough");
            },
            (_, error) => failures.Add(error.Message));
        Assert.Equal(["clean-up"], failures);
    });
}
