namespace Drover.Coroutines.Tests.Loop;

public sealed class AsyncLocalTests
{
    private static readonly AsyncLocal<string?> s_local = new();

    [Fact]
    public void Values_flow_to_children_and_not_back() => Loops.Run(async () =>
    {
        s_local.Value = "parent";
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<string?> child = group.Start<string?>(async () =>
            {
                string? inherited = s_local.Value;
                await Coroutine.YieldAsync();
                Assert.Equal("parent", s_local.Value);
                s_local.Value = "child";
                await Coroutine.SleepAsync(Seconds(1));
                Assert.Equal("child", s_local.Value);
                return inherited;
            });
            s_local.Value = "changed after the start";
            Assert.Equal("parent", await child.JoinAsync());
            Assert.Equal("changed after the start", s_local.Value);
        });
    });

    [Fact]
    public void A_coroutine_keeps_its_values_over_every_wait() => Loops.Run(async () =>
    {
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 10; i++)
            {
                string mine = $"value {i}";
                group.Start(async () =>
                {
                    s_local.Value = mine;
                    await Coroutine.YieldAsync();
                    Assert.Equal(mine, s_local.Value);
                    await Coroutine.SleepAsync(Seconds(1));
                    Assert.Equal(mine, s_local.Value);
                    await Task.Delay(Seconds(1), EventLoop.Current.Time);
                    Assert.Equal(mine, s_local.Value);
                    await Blocking.RunAsync(() => 1);
                    Assert.Equal(mine, s_local.Value);
                });
            }

            return Task.CompletedTask;
        });
    });

    [Fact]
    public void A_body_that_is_no_async_method_leaves_no_value_behind_on_the_thread() => Loops.Run(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            await group.Start(() =>
            {
                s_local.Value = "left behind";
                return Task.CompletedTask;
            }).JoinAsync();
            Assert.Null(await group.Start(() => Task.FromResult(s_local.Value)).JoinAsync());
        });
    });

    [Fact]
    public void Values_flow_to_work_on_other_threads() => Loops.Run(async () =>
    {
        s_local.Value = "coroutine";
        Assert.Equal("coroutine", await Blocking.RunAsync(() => s_local.Value));
        s_local.Value = null;
        Assert.Null(await Blocking.RunAsync(() => s_local.Value));
    });

    [Fact]
    public async Task Values_flow_into_a_loop_with_InvokeAsync()
    {
        s_local.Value = "who starts the loop";
        await using EventLoop loop = EventLoop.Start("test");
        s_local.Value = "outside";
        Assert.Equal("outside", await Loops.Within(loop.InvokeAsync(async () =>
        {
            await Coroutine.YieldAsync();
            return s_local.Value;
        })));
        s_local.Value = null;
        Assert.Null(await Loops.Within(loop.InvokeAsync(() => s_local.Value)));
    }
}
