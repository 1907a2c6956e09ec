using System.Runtime.CompilerServices;

namespace Drover.Coroutines.Tests.Waiting;

public sealed class LifetimeOwnershipTests
{
    private const int Many = 1000;

    [Fact]
    public void A_lifetime_forgets_what_was_closed_before_its_end() => Loops.Run(() =>
    {
        var life = new Lifetime("agent 7");
        List<WeakReference> closed = OpenAndClose(life);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.InRange(closed.Count(static channel => channel.IsAlive), 0, 10); // The last ones may lie about on the stack.
        GC.KeepAlive(life);
        return Task.CompletedTask;
    });

    [Fact]
    public void What_is_still_open_is_closed_at_the_end_in_the_order_of_its_coming() => Loops.Run(async () =>
    {
        var life = new Lifetime("agent 7");
        Event[] events = [.. Enumerable.Range(0, 100).Select(_ => new Event(null, life))];
        for (int i = 0; i < events.Length; i += 3)
        {
            events[i].Close("before");
        }

        var order = new List<int>();
        await TaskGroup.RunAsync(async group =>
        {
            for (int i = 0; i < events.Length; i++)
            {
                int index = i;
                if (!events[i].IsClosed)
                {
                    group.Start(async () =>
                    {
                        Outcome outcome = await events[index].TryWaitAsync();
                        Assert.Equal(life.Reason, outcome.Reason);
                        order.Add(index);
                    });
                }
            }

            await Coroutine.YieldAsync();
            life.End("unplugged");
        });
        Assert.Equal(Enumerable.Range(0, 100).Where(static i => i % 3 != 0), order);
    });

    [Fact]
    public void Owning_what_belongs_to_another_loop_throws_at_once_and_changes_nothing() => Loops.RunInRealTime(async () =>
    {
        await using EventLoop other = EventLoop.Start("other loop");
        Event foreign = await other.InvokeAsync(static () => new Event("foreign"));
        var life = new Lifetime("agent 7");
        var error = Assert.Throws<WrongLoopException>(() => life.Own(foreign));
        Assert.Contains("event loop 'other loop' (thread", error.Message, StringComparison.Ordinal);
        var own = new Event("own", life);
        life.End("unplugged");
        Assert.True(own.IsClosed);
        Assert.False(foreign.IsClosed);
    });

    /// <summary>What another loop does with two lifetimes of this loop, one of which has ended, and an event of this loop.</summary>
    public static TheoryData<string> Trespasses => new(s_trespasses.Keys);

    private static readonly Dictionary<string, Action<Lifetime, Lifetime, Event>> s_trespasses = new()
    {
        ["own what is of the lifetime's loop"] = static (life, _, own) => life.Own(own),
        ["own what is of the other loop"] = static (life, _, _) => life.Own(new Event("of the other loop")),
        ["make something that is owned"] = static (life, _, _) => _ = new Event("of the other loop", life),
        ["own after the end"] = static (_, ended, _) => ended.Own(new Event("of the other loop")),
        ["make something that is owned after the end"] = static (_, ended, _) => _ = new Event("of the other loop", ended),
    };

    [Theory]
    [MemberData(nameof(Trespasses))]
    public void Owning_from_another_loop_throws_at_once(string trespass) => Loops.RunInRealTime(async () =>
    {
        await using EventLoop other = EventLoop.Start("other loop");
        var life = new Lifetime("agent 7");
        var ended = new Lifetime("agent 8");
        ended.End("unplugged");
        var own = new Event("own");
        await Assert.ThrowsAsync<WrongLoopException>(() => other.InvokeAsync(() => s_trespasses[trespass](life, ended, own)));
        life.End("unplugged");
        Assert.False(own.IsClosed);
    });

    [Fact]
    public void Owning_from_a_thread_without_a_loop_throws_at_once() => Loops.RunInRealTime(async () =>
    {
        var life = new Lifetime("agent 7");
        var own = new Event("own");
        await Assert.ThrowsAsync<WrongLoopException>(() => Task.Run(() => life.Own(own)));
    });

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static List<WeakReference> OpenAndClose(Lifetime life)
    {
        var closed = new List<WeakReference>();
        for (int i = 0; i < Many; i++)
        {
            var channel = new Channel<int>(1, "operation", life);
            channel.Close("done");
            closed.Add(new WeakReference(channel));
        }

        return closed;
    }
}
