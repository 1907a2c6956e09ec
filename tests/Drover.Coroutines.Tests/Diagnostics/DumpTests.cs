namespace Drover.Coroutines.Tests.Diagnostics;

public sealed class DumpTests
{
    [Fact]
    public void The_tree_has_names_parents_situations_times_and_places() => Loops.Run(async () =>
    {
        var bell = new Event("bell");
        string tree = "";
        await TaskGroup.RunAsync(
            async group =>
            {
                group.Start(
                    () => TaskGroup.RunAsync(inner =>
                    {
                        inner.Start(async () => await Coroutine.SleepAsync(Hours(2), "until dinner"), "pupil");
                        inner.Start(async () => await bell.WaitAsync());
                        return Task.CompletedTask;
                    }),
                    "teacher");
                await Coroutine.SleepAsync(Seconds(90));
                tree = EventLoop.Current.Dump();
                group.Cancel("seen");
            },
            "school");
        string[] lines = tree.TrimEnd().Split('\n');
        Assert.Matches(@"^event loop 'test' \(thread \d+\): 4 coroutines, 0 ready, 1 timers, up 90 s$", lines[0]);
        Assert.Matches(@"^└─ main: running  \(Loops\.cs:\d+\)$", lines[1]);
        Assert.Matches(@"^   └─ teacher \[in school\]: the end of 2 children of task group \(children\), for 90 s  \(DumpTests\.cs:\d+\)$", lines[2]);
        Assert.Matches(@"^      ├─ pupil: until dinner \(sleep, 118\.5 min left\), for 90 s  \(DumpTests\.cs:\d+\)$", lines[3]);
        Assert.Matches(@"^      └─ DumpTests\.cs:\d+: wait for event 'bell', for 90 s$", lines[4]);
        Assert.Equal(5, lines.Length);
    });

    [Fact]
    public void The_main_and_invoked_coroutines_show_where_they_come_from() => Loops.RunInRealTime(async () =>
    {
        string tree = await EventLoop.Current.InvokeAsync(EventLoop.Current.Dump, "invoked");
        Assert.Matches(@"├─ main: .*\(Loops\.cs:\d+\)\n", tree);
        Assert.Matches(@"└─ invoked: running.*\(DumpTests\.cs:\d+\)\n", tree);
    });

    [Fact]
    public void Each_state_is_told_apart() => Loops.RunInRealTime(async () =>
    {
        var outside = new TaskCompletionSource();
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(
                async () =>
                {
                    Coroutine.Current.Situation = "downloading";
                    await outside.Task;
                },
                "outside");
            group.Start(async () => await Coroutine.SleepAsync(Hours(1)), "waiting");
            Coroutine ready = group.Start(
                async () =>
                {
                    while (!outside.Task.IsCompleted)
                    {
                        await Coroutine.YieldAsync();
                    }
                },
                "ready");
            await Coroutine.YieldAsync();
            group.Start(() => Task.CompletedTask, "queued");
            Dictionary<string, CoroutineInfo> infos = EventLoop.Current.Snapshot().ToDictionary(info => info.Name);
            Assert.Equal((CoroutineState.Running, "running"), (infos["main"].State, infos["main"].Situation));
            Assert.Equal((CoroutineState.Outside, "downloading"), (infos["outside"].State, infos["outside"].Situation));
            Assert.Equal(CoroutineState.Waiting, infos["waiting"].State);
            Assert.Equal((CoroutineState.Ready, "ready"), (infos["ready"].State, infos["ready"].Situation));
            Assert.Equal(CoroutineState.Queued, infos["queued"].State);
            Assert.Null(infos["main"].ParentId);
            Assert.Equal(infos["main"].Id, infos["queued"].ParentId);
            outside.SetResult();
            group.Cancel("seen");
        });
    });

    [Fact]
    public void What_is_canceled_is_shown_with_the_reason() => Loops.Run(async () =>
    {
        await CancelScope.RunAsync(
            async scope =>
            {
                await TaskGroup.RunAsync(async group =>
                {
                    group.Start(
                        async () => await CancelScope.ShieldAsync(Hours(1), async () => await Coroutine.SleepAsync(Seconds(5), "cleaning up")), "child");
                    await Coroutine.YieldAsync();
                    scope.Cancel("fire alarm");
                    CoroutineInfo child = EventLoop.Current.Snapshot().Single(info => info.Name == "child");
                    Assert.StartsWith("cleaning up (sleep, 5 s left)", child.Situation, StringComparison.Ordinal);
                    Assert.Contains("canceled by main: fire alarm", child.Situation, StringComparison.Ordinal);
                    Assert.Contains(child.Scopes, name => name.EndsWith("(canceled)", StringComparison.Ordinal));
                });
            },
            name: "the building");
    });

    [Fact]
    public async Task The_tree_can_be_had_from_another_thread()
    {
        await using EventLoop loop = EventLoop.Start("far away");
        var started = new TaskCompletionSource();
        Task waiting = loop.InvokeAsync(
            async () =>
            {
                started.SetResult();
                await Coroutine.SleepAsync(Hours(1), "until called");
            },
            "sleeper");
        await Loops.Within(started.Task);
        string tree = await Loops.Within(loop.DumpAsync());
        Assert.Contains("sleeper: until called (sleep", tree, StringComparison.Ordinal);
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public void A_tree_a_thousand_levels_deep_is_shown() => Loops.Run(async () =>
    {
        await NestAsync(1000);

        static async Task NestAsync(int depth)
        {
            if (depth == 0)
            {
                Assert.Equal(1001, EventLoop.Current.Snapshot().Count);
                Assert.Contains(new string(' ', 3 * 1000) + "└─", EventLoop.Current.Dump(), StringComparison.Ordinal);
                return;
            }

            await TaskGroup.RunAsync(group =>
            {
                group.Start(() => NestAsync(depth - 1));
                return Task.CompletedTask;
            });
        }
    });
}
