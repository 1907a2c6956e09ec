using Drover.Agent.Tests.Fakes;

namespace Drover.Agent.Tests.Connections;

public sealed class OutboxAcrossConnectionsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Events_reach_a_server_that_cuts_the_connection_after_each_few(int cutAfter)
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server, change: options => options with { LongestPause = TimeSpan.FromMilliseconds(10) });
        AttemptId[] attempts = [.. Enumerable.Range(1, 5).Select(job => new AttemptId(new JobId(job), 1))];
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync([.. attempts.Select(Peer.Order)]);
        await Patience.UntilAsync(() => agent.Driver.Calls.Count == 5, "all started");
        foreach (AttemptId attempt in attempts)
        {
            await Patience.UntilAsync(() => agent.Driver.HasRecord(attempt), "its record");
            agent.Driver.End(attempt, new Ending.Exited(attempt.Job.Value is var code ? (int)code : 0));
        }

        var ended = new HashSet<AttemptId>();
        long acknowledged = 0;
        while (ended.Count < attempts.Length)
        {
            // On one connection: in order, none twice, none that was acknowledged.
            long last = acknowledged;
            for (int i = 0; i < cutAfter && ended.Count < attempts.Length; i++)
            {
                AgentMessage message = await peer.ReceiveAsync();
                long number = message switch
                {
                    AgentMessage.Started started => started.Event,
                    AgentMessage.Ended end => end.Event,
                    _ => throw new InvalidOperationException(message.ToString()),
                };
                Assert.True(number > last, $"{number} after {last}");
                last = number;
                if (message is AgentMessage.Ended { Attempt: var attempt })
                {
                    ended.Add(attempt);
                }
            }

            await peer.AcknowledgeAsync([.. Range(acknowledged + 1, last)]);
            acknowledged = last;
            if (ended.Count < attempts.Length)
            {
                await peer.SendAsync("cut"u8.ToArray()); // What was sent before it is read first.
                peer = await server.WelcomeAsync();
            }
        }

        Assert.Equal(10, acknowledged);
        await Patience.UntilAsync(() => !attempts.Any(agent.Driver.HasRecord), "all forgotten");
        Assert.Equal(5, agent.Driver.Calls.Count(call => call.StartsWith("start", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task What_was_not_acknowledged_is_sent_again_in_order()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        var first = new AttemptId(new JobId(1), 1);
        var second = new AttemptId(new JobId(2), 1);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Peer.Order(first), Peer.Order(second));
        await peer.ReceiveAsync<AgentMessage.Started>();
        await peer.ReceiveAsync<AgentMessage.Started>();
        agent.Driver.End(first, new Ending.Exited(0));
        await peer.ReceiveAsync<AgentMessage.Ended>();
        await peer.AcknowledgeAsync(2);
        peer.Cut();

        Peer again = await server.WelcomeAsync();
        Assert.Equal([first, second], again.Known);
        AgentMessage next = await again.ReceiveAsync();
        if (next is AgentMessage.Started { Event: 2 })
        {
            next = await again.ReceiveAsync(); // The acknowledgement was lost in the cut.
        }
        else
        {
            Assert.Equal(1, Assert.IsType<AgentMessage.Started>(next).Event);
            next = await again.ReceiveAsync();
        }

        while (next is AgentMessage.Started)
        {
            next = await again.ReceiveAsync();
        }

        Assert.Equal(3, Assert.IsType<AgentMessage.Ended>(next).Event);
    }

    [Fact]
    public async Task Every_message_stays_below_the_limit()
    {
        await using TestServer server = await TestServer.StartAsync();
        var driver = new FakeDriver("");
        AttemptId[] attempts = [.. Enumerable.Range(1, 5000).Select(job => new AttemptId(new JobId(1_000_000_000 + job), 1))];
        var end = new AttemptEnd
        {
            Ending = new Ending.Lost(new string('\u0001', 100_000)),
            At = DateTimeOffset.UnixEpoch,
            Evidence = new string('"', 100_000),
            ErrorTail = string.Concat(Enumerable.Repeat("😀", 50_000)),
        };
        Array.ForEach(attempts, attempt => driver.Put(attempt, "job", 1).End(end));

        await using var agent = AgentUnderTest.Start(server, driver);
        Peer peer = await server.WelcomeAsync();
        Assert.Equal(attempts, peer.Known);
        await peer.ReceiveAsync<AgentMessage.Started>();
        AgentMessage.Ended ended = await peer.ReceiveAsync<AgentMessage.Ended>();
        Assert.Equal(1024, ((Ending.Lost)ended.End.Ending).Reason.Length);
        Assert.EndsWith("😀", ended.End.ErrorTail!, StringComparison.Ordinal);
        for (int i = 1; i < 20; i++)
        {
            await peer.ReceiveAsync<AgentMessage.Started>();
            await peer.ReceiveAsync<AgentMessage.Ended>();
        }

        Assert.InRange(peer.LongestMessage, 32 * 1024, AgentProtocol.MaxMessageBytes);
    }

    private static IEnumerable<long> Range(long first, long last)
    {
        for (long number = first; number <= last; number++)
        {
            yield return number;
        }
    }
}
