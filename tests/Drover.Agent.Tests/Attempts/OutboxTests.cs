using System.Text.Json;
using Drover.Agent.Attempts;
using Drover.Agent.Connections;
using Drover.Coroutines.Testing;

namespace Drover.Agent.Tests.Attempts;

public sealed class OutboxTests
{
    private static readonly AttemptId s_attempt = new(new JobId(1), 1);

    [Fact]
    public void Progress_that_was_not_sent_is_replaced_by_the_next() => Schedules.RunInVirtualTime(async () =>
    {
        var outbox = NewOutbox();
        outbox.SetProgress(s_attempt, new Progress { Fraction = 0.1 });
        outbox.SetProgress(s_attempt, new Progress { Fraction = 0.2 });
        Assert.Equal(0.2, Assert.IsType<AgentMessage.Progressed>(Assert.Single(await SendAsync(outbox))).Progress.Fraction);
    });

    [Fact]
    public void The_latest_progress_is_said_again_on_a_new_connection() => Schedules.RunInVirtualTime(async () =>
    {
        var outbox = NewOutbox();
        outbox.SetProgress(s_attempt, new Progress { Fraction = 0.1 });
        await SendAsync(outbox);
        outbox.Rewind();
        Assert.IsType<AgentMessage.Progressed>(Assert.Single(await SendAsync(outbox)));
        outbox.AddEnded(s_attempt, TestEnd(), new Event());
        outbox.Rewind();
        Assert.IsType<AgentMessage.Ended>(Assert.Single(await SendAsync(outbox)));
    });

    [Fact]
    public void What_belongs_to_a_connection_is_lost_with_it() => Schedules.RunInVirtualTime(async () =>
    {
        var outbox = NewOutbox();
        outbox.Say(new AgentMessage.OpFailed(new OpId(1), false, "no"));
        outbox.AddEnded(s_attempt, TestEnd(), new Event());
        outbox.Rewind();
        Assert.IsType<AgentMessage.Ended>(Assert.Single(await SendAsync(outbox)));
    });

    /// <summary>Whatever happens in whatever order: a model that only knows the rules agrees.</summary>
    [Fact]
    public void Events_are_sent_in_order_once_a_connection_until_acknowledged()
    {
        for (int seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            Schedules.RunInVirtualTime(() => PlayAsync(random));
        }
    }

    private static async Task PlayAsync(Random random)
    {
        var outbox = NewOutbox();
        var unacknowledged = new SortedSet<long>();
        var expected = new Queue<long>();
        long last = 0;
        for (int step = 0; step < 100; step++)
        {
            switch (random.Next(6))
            {
                case 0 or 1:
                    last = outbox.AddEnded(new AttemptId(new JobId(step + 1), 1), TestEnd(), new Event());
                    unacknowledged.Add(last);
                    expected.Enqueue(last);
                    break;
                case 2:
                    outbox.SetProgress(s_attempt, new Progress { Fraction = random.NextDouble() });
                    break;
                case 3 when unacknowledged.Count > 0:
                    long[] some = [.. unacknowledged.Where(_ => random.Next(2) == 0), last + 1000];
                    outbox.Acknowledge(some);
                    unacknowledged.ExceptWith(some);
                    expected = new Queue<long>(expected.Where(number => !some.Contains(number)));
                    break;
                case 4 when expected.Count > 0:
                    foreach (AgentMessage.Ended ended in (await SendAsync(outbox)).OfType<AgentMessage.Ended>())
                    {
                        Assert.Equal(expected.Dequeue(), ended.Event);
                    }

                    Assert.Empty(expected);
                    break;
                case 5:
                    outbox.Rewind();
                    expected = new Queue<long>(unacknowledged);
                    break;
            }

            Assert.Equal(unacknowledged.Count, outbox.Unacknowledged);
        }
    }

    private static Outbox NewOutbox() => new(new AgentLog(TextWriter.Null, TimeProvider.System));

    private static AttemptEnd TestEnd() => new() { Ending = new Ending.Exited(0), At = DateTimeOffset.UnixEpoch, Evidence = "" };

    private static async Task<AgentMessage[]> SendAsync(Outbox outbox)
    {
        var batch = new MessageBatch();
        await outbox.FillAsync(batch);
        return JsonSerializer.Deserialize(batch.Complete().Span, ProtocolJson.Default.AgentMessageArray)!;
    }
}
