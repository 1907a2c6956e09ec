using Drover.Agent.Tests.Fakes;
using Microsoft.AspNetCore.Http;

namespace Drover.Agent.Tests.Attempts;

/// <summary>What comes while the inputs of an attempt are fetched and laid out.</summary>
public sealed class StagingTests
{
    private static readonly AttemptId s_attempt = new(new JobId(1), 1);

    [Fact]
    public async Task A_stop_while_inputs_are_fetched_ends_the_attempt_as_canceled_and_it_is_never_started()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Task begun = HangIn(server);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Order());
        await begun.Within();
        await peer.SendAsync(Stop());
        Assert.Equal(new Ending.Canceled("ada", "enough"), (await peer.ReceiveEndAsync(s_attempt)).End.Ending);
        Assert.DoesNotContain("start 1.1", agent.Driver.Calls);
    }

    [Fact]
    public async Task A_stop_that_comes_as_the_last_file_is_laid_out_is_obeyed_too()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        agent.Driver.LaidOut = async _ =>
        {
            reached.SetResult();
            await done.Task; // As the disk does, it hears of no cancellation.
        };
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Order());
        await reached.Task.Within();
        await peer.SendAsync(Stop());
        await Patience.UntilAsync(() => agent.Log.Contains("is stopped by ada before its start", StringComparison.Ordinal), "the stop");
        done.SetResult();
        Assert.Equal(new Ending.Canceled("ada", "enough"), (await peer.ReceiveEndAsync(s_attempt)).End.Ending);
        Assert.DoesNotContain("start 1.1", agent.Driver.Calls);
    }

    [Fact]
    public async Task An_agent_that_is_stopped_while_inputs_are_read_ends_and_the_next_one_begins_anew()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Task begun = HangIn(server);
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Order());
        await begun.Within();
        await Patience.UntilAsync(() => !agent.Driver.Calls.IsEmpty, "the agent to read");
        await agent.KillAsync(); // Fails when the read keeps it.

        server.Inputs = static http => http.Response.WriteAsync("all of it");
        await using AgentUnderTest next = agent.Successor();
        Peer again = await server.WelcomeAsync();
        Assert.Empty(again.Known); // It was never started.
        await again.SendAsync(Order());
        Assert.Equal(s_attempt, (await again.ReceiveAsync<AgentMessage.Started>()).Attempt);
        Assert.Equal(["lay out manifest in job-1", "lay out manifest in job-1", "start 1.1"], agent.Driver.Calls);
    }

    [Fact]
    public async Task Inputs_that_break_off_are_fetched_again_on_the_next_connection_and_the_attempt_is_started_once()
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        var broken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Inputs = async http =>
        {
            await http.Response.WriteAsync("some of it");
            await http.Response.Body.FlushAsync();
            broken.TrySetResult();
            http.Abort();
        };
        Peer peer = await server.WelcomeAsync();
        await peer.SendAsync(Order());
        await broken.Task.Within();
        peer.Cut();
        server.Inputs = static http => http.Response.WriteAsync("all of it");
        Peer again = await server.WelcomeAsync();
        Assert.Equal([s_attempt], again.Known); // So that it is not sent a second time.
        Assert.Equal(s_attempt, (await again.ReceiveAsync<AgentMessage.Started>()).Attempt);
        Assert.Single(agent.Driver.Calls, "start 1.1");
    }

    /// <summary>Answers with some bytes, and then with none.</summary>
    private static Task HangIn(TestServer server)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Inputs = async http =>
        {
            await http.Response.WriteAsync("some of it");
            await http.Response.Body.FlushAsync();
            begun.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        };
        return begun.Task;
    }

    private static ServerMessage.Run Order()
    {
        RunOrder order = Peer.Order(s_attempt).Order;
        return new ServerMessage.Run(order with { Spec = order.Spec with { Inputs = "manifest" } });
    }

    private static ServerMessage.Stop Stop() => new(s_attempt, new StopOrder("ada", "enough", 10));
}
