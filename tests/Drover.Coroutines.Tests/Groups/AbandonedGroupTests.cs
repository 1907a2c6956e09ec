namespace Drover.Coroutines.Tests.Groups;

/// <summary>A group that nobody awaits must not outlive the coroutine that began it.</summary>
public sealed class AbandonedGroupTests
{
    private static readonly EventLoopOptions s_options = Loops.RealTime with { OnReport = static _ => { } };

    [Fact]
    public void When_its_coroutine_has_ended_the_children_of_a_group_are_canceled_and_the_loop_ends()
    {
        bool canceled = false;
        var outside = new TaskCompletionSource();
        Loops.Run(
            async () =>
            {
                _ = TaskGroup.RunAsync(async group =>
                {
                    group.Start(() => SleepUntilCanceledAsync(() => canceled = true));
                    await outside.Task;
                });
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
            },
            s_options);
        Assert.True(canceled);
        outside.SetResult();
    }

    [Fact]
    public void So_are_the_children_of_a_group_whose_body_is_over()
    {
        bool canceled = false;
        Loops.Run(
            async () =>
            {
                _ = TaskGroup.RunAsync(group => group.Start(() => SleepUntilCanceledAsync(() => canceled = true)));
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
            },
            s_options);
        Assert.True(canceled);
    }

    [Fact]
    public void So_are_the_children_of_a_group_that_a_child_began()
    {
        bool canceled = false;
        var outside = new TaskCompletionSource();
        Loops.Run(
            () => TaskGroup.RunAsync(parent => parent.Start(async () =>
            {
                _ = CancelScope.RunAsync(_ => TaskGroup.RunAsync(async group =>
                {
                    group.Start(() => SleepUntilCanceledAsync(() => canceled = true));
                    await outside.Task;
                })).AsTask();
                await Coroutine.YieldAsync();
                await Coroutine.YieldAsync();
            })),
            s_options);
        Assert.True(canceled);
        outside.SetResult();
    }

    private static async Task SleepUntilCanceledAsync(Action whenCanceled)
    {
        try
        {
            await Coroutine.SleepAsync(Hours(1));
        }
        catch (ScopeCanceledException)
        {
            whenCanceled();
            throw;
        }
    }
}
