namespace Drover.Coroutines.Tests.Loop;

public sealed class WrongLoopTests
{
    /// <summary>Every operation that touches what belongs to a loop.</summary>
    public static TheoryData<string> Operations => new(s_operations.Keys);

    private static readonly Dictionary<string, Func<Owned, Task>> s_operations = new()
    {
        ["Event.Set"] = o => Do(o.Event.Set),
        ["Event.Reset"] = o => Do(o.Event.Reset),
        ["Event.WaitAsync"] = async o => await o.Event.WaitAsync(),
        ["Event.TryWaitAsync"] = async o => await o.Event.TryWaitAsync(),
        ["Event.Close"] = o => Do(() => o.Event.Close("x")),
        ["Channel.TrySend"] = o => Do(() => o.Channel.TrySend(1)),
        ["Channel.TryReceive"] = o => Do(() => o.Channel.TryReceive(out _)),
        ["Channel.SendAsync"] = async o => await o.Channel.SendAsync(1),
        ["Channel.ReceiveAsync"] = async o => await o.Channel.ReceiveAsync(),
        ["Channel.Statistics"] = o => Do(() => o.Channel.Statistics()),
        ["Channel.Close"] = o => Do(() => o.Channel.Close("x")),
        ["Slots.TryAcquire"] = o => Do(() => o.Slots.TryAcquire(out _)),
        ["Slots.AcquireAsync"] = async o => await o.Slots.AcquireAsync(),
        ["Slots.Resize"] = o => Do(() => o.Slots.Resize(1)),
        ["Slots.Statistics"] = o => Do(() => o.Slots.Statistics()),
        ["SlotLease.Dispose"] = o => Do(o.Lease.Dispose),
        ["Lifetime.End"] = o => Do(() => o.Lifetime.End("x")),
        ["TaskGroup.Start"] = o => Do(() => o.Group.Start(() => Task.CompletedTask)),
        ["Coroutine.JoinAsync"] = async o => await o.Coroutine.JoinAsync(),
        ["Coroutine.TryJoinAsync"] = async o => await o.Coroutine.TryJoinAsync(),
        ["CancelScope.SetDeadline"] = o => Do(() => o.Group.SetDeadline(Seconds(1))),
        ["CancelScope.Token"] = o => Do(() => _ = o.Group.Token),
        ["EventLoop.Dump"] = o => Do(() => o.Loop.Dump()),
        ["EventLoop.Snapshot"] = o => Do(() => o.Loop.Snapshot()),
    };

    private sealed record Owned(EventLoop Loop, TaskGroup Group, Coroutine Coroutine)
    {
        internal Event Event { get; } = new("e");

        internal Channel<int> Channel { get; } = new(1, "c");

        internal Slots Slots { get; } = new(2, "s");

        internal Lifetime Lifetime { get; } = new("l");

        internal required SlotLease Lease { get; init; }

        internal static Owned Make(TaskGroup group)
        {
            Assert.True(new Slots(1).TryAcquire(out SlotLease? lease));
            return new Owned(EventLoop.Current, group, Coroutine.Current) { Lease = lease };
        }
    }

    private static Task Do(Action touch)
    {
        touch();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void Touching_it_from_another_loop_throws_an_error_that_names_both(string operation) => Loops.RunInRealTime(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            Owned owned = Owned.Make(group);
            await using EventLoop other = EventLoop.Start("other loop");
            var error = await Assert.ThrowsAsync<WrongLoopException>(() => other.InvokeAsync(() => s_operations[operation](owned)));
            Assert.Contains("event loop 'test' (thread", error.Message, StringComparison.Ordinal);
            Assert.Contains("event loop 'other loop' (thread", error.Message, StringComparison.Ordinal);
        });
    });

    [Theory]
    [MemberData(nameof(Operations))]
    public void Touching_it_from_another_thread_throws_an_error_that_names_both(string operation) => Loops.RunInRealTime(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            Owned owned = Owned.Make(group);
            int thread = 0;
            var error = await Assert.ThrowsAsync<WrongLoopException>(() => Task.Run(() =>
            {
                thread = Environment.CurrentManagedThreadId;
                return s_operations[operation](owned);
            }));
            Assert.Contains("event loop 'test' (thread", error.Message, StringComparison.Ordinal);
            Assert.Contains($"thread {thread}", error.Message, StringComparison.Ordinal);
            Assert.Contains("InvokeAsync", error.Message, StringComparison.Ordinal);
        });
    });

    [Fact]
    public void What_was_made_outside_belongs_to_the_loop_that_touches_it_first()
    {
        var channel = new Channel<int>(1, "made outside");
        Loops.RunInRealTime(async () =>
        {
            Assert.True(channel.TrySend(1));
            await using EventLoop other = EventLoop.Start("other loop");
            await Assert.ThrowsAsync<WrongLoopException>(() => other.InvokeAsync(() => channel.TryReceive(out _)));
        });
        var untouched = new Event("made outside");
        var error = Assert.Throws<WrongLoopException>(untouched.Set);
        Assert.Contains("belongs to no event loop yet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Waiting_where_no_coroutine_runs_is_told_so()
    {
        var error = Assert.Throws<InvalidOperationException>(() => { _ = Coroutine.SleepAsync(Seconds(1)); });
        Assert.Contains("No event loop runs on this thread", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => EventLoop.Current);
        Assert.Throws<InvalidOperationException>(() => Coroutine.Current);
        Assert.Throws<InvalidOperationException>(() => CancelScope.Current);
    }

    [Fact]
    public void Code_that_left_its_coroutine_with_ConfigureAwait_false_is_told_so() => Loops.RunInRealTime(async () =>
    {
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                await Task.Delay(Milliseconds(1), EventLoop.Current.Time).ConfigureAwait(false);
                var error = Assert.Throws<InvalidOperationException>(() => CancelScope.Current);
                Assert.Contains("ConfigureAwait(false)", error.Message, StringComparison.Ordinal);
            });
            return Task.CompletedTask;
        });
    });
}
