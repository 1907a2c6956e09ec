using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Drover.Agent.Tests.Fakes;
using Drover.Protocol.Files;
using Drover.Testing;

namespace Drover.Agent.Tests.Fuzzing;

/// <summary>A server that says anything: the messages of a good one, changed at random.</summary>
[Collection(nameof(Alone))]
public sealed class ServerFuzzTests
{
    private static readonly AttemptId s_runs = new(new JobId(1), 1);

    [Fact]
    public async Task An_agent_bears_whatever_a_server_says_and_keeps_what_runs()
    {
        var mutation = new Mutation();
        await using TestServer server = await TestServer.StartAsync();
        server.LetsGoOfStreams = true;
        await using var agent = AgentUnderTest.Start(server, change: options => options with { LongestPause = TimeSpan.FromMilliseconds(1) });
        Peer good = await server.WelcomeAsync();
        await good.RunAsync(s_runs);
        await good.ReceiveAsync<AgentMessage.Started>();
        good.Cut();
        int connections = Mutation.Times(100);
        var heap = new LiveHeap(connections, () => 4 * agent.Log.Length); // Here the log is a text in memory.
        for (int i = 0; i < connections; i++)
        {
            Peer peer = await server.AcceptAsync();
            await TalkAsync(mutation, peer);
            peer.Cut();
            Assert.False(agent.Ended.IsCompleted, $"seed {mutation.Seed}, connection {i}: {agent.Log}");
            agent.Driver.Calls.Clear();
            heap.After(i, $"seed {mutation.Seed}");
        }

        // Whatever was said: it still has its attempt, tells its end, and starts another.
        Peer again = await server.WelcomeAsync();
        Assert.True(again.Known.Contains(s_runs), $"seed {mutation.Seed}: {agent.Log}");
        agent.Driver.End(s_runs, new Ending.Exited(0));
        AgentMessage.Ended end = await again.ReceiveEndAsync(s_runs);
        Assert.Equal(new Ending.Exited(0), end.End.Ending);
    }

    [Theory]
    [InlineData("[{}]")]
    [InlineData("""[{"typ":"run"}]""")]
    [InlineData("[null]")]
    [InlineData("""[{"type":"welcome","version":"1","agent":"a","connection":"c","heartbeatSeconds":1e999}]""")]
    [InlineData("""[{"type":"exec","op":{"value":1},"attempt":"1.1","runDirectory":"job-1","spec":{"command":["true"]},"environment":{"A":null}}]""")]
    [InlineData("""[{"type":"run","order":{"attempt":"1.1","runDirectory":"job-1","spec":{"command":["true"],"environment":{"A":null}},"graceSeconds":1}}]""")]
    public async Task A_message_of_no_type_ends_the_connection_and_not_the_agent(string json)
    {
        await using TestServer server = await TestServer.StartAsync();
        await using var agent = AgentUnderTest.Start(server);
        Peer peer = await server.AcceptAsync();
        await peer.SendAsync(Encoding.UTF8.GetBytes(json));
        await server.WelcomeAsync();
        Assert.Contains("The server sent something that is no message of the protocol", agent.Log);
        Assert.False(agent.Ended.IsCompleted, agent.Log);
    }

    private static async Task TalkAsync(Mutation mutation, Peer peer)
    {
        try
        {
            await peer.ReceiveAsync<AgentMessage.Hello>();
            string welcome = Json(new ServerMessage.Welcome { Version = "1.0", Agent = "ada@local", Connection = "c", HeartbeatSeconds = 5, IdleSeconds = 1000 });
            await SendAsync(mutation, peer, mutation.OneIn(4) ? mutation.Json(welcome) : welcome);
            for (int i = mutation.Next(12); i > 0; i--)
            {
                string message = mutation.One(s_messages);
                await SendAsync(mutation, peer, mutation.OneIn(3) ? message : mutation.Json(message));
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The agent has had enough of it.
        }
    }

    private static Task SendAsync(Mutation mutation, Peer peer, string json)
    {
        // These end it as they should, and are no attack: a server may let its agent go.
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        bytes = mutation.OneIn(20) ? mutation.Bytes(bytes) : bytes;
        return Ends(bytes) ? Task.CompletedTask : peer.SendAsync(bytes, mutation.OneIn(10) ? WebSocketMessageType.Binary : WebSocketMessageType.Text);
    }

    /// <summary>Whether it is understood and means that the agent is to end, to stop its attempt or to forget it.</summary>
    private static bool Ends(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, ProtocolJson.Default.ServerMessageArray)?.Any(message => message switch
            {
                ServerMessage.Refused or ServerMessage.Leave => true,
                ServerMessage.Stop stop => stop.Attempt == s_runs,
                _ => false,
            }) == true;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return false;
        }
    }

    private static readonly string[] s_messages =
    [
        Json(new ServerMessage.Acknowledged([1, 2, 3])),
        Json(Peer.Order(s_runs)),
        Json(new ServerMessage.Run(new RunOrder
        {
            Attempt = new AttemptId(new JobId(3), 2),
            RunDirectory = "job-3",
            Spec = new JobSpec { Command = ["true"], Environment = new Dictionary<string, string> { ["A"] = "b" }, TimeLimitSeconds = 5, GraceSeconds = 1 },
            GraceSeconds = 10,
        })),
        Json(new ServerMessage.Stop(new AttemptId(new JobId(4), 1), new StopOrder("ada", "why", 1))),
        Json(new ServerMessage.ReadLog(new OpId(1), s_runs, "job-1", OutputKind.Output, -5, true)),
        Json(new ServerMessage.ListFiles(new OpId(2), "job-1", "a/b")),
        Json(new ServerMessage.ReadFile(new OpId(3), "job-1", "a.txt", 7, 100, Checksum.Sha256)),
        Json(new ServerMessage.ReadArchive(new OpId(4), "job-1", "", ["*.txt", "**/[a-z]*"], Checksum.Sha256)),
        Json(new ServerMessage.Exec(new OpId(5), s_runs, "job-1", new ExecSpec { Command = ["true"] })),
        Json(new ServerMessage.Purge(["job-9", "~shared"])),
        Json(new ServerMessage.EndOp(new OpId(1))),
        Json(new ServerMessage.Stop(s_runs, new StopOrder("ada", "why", 1))),
        Json(new ServerMessage.Leave()),
    ];

    private static string Json(ServerMessage message) => JsonSerializer.Serialize([message], ProtocolJson.Default.ServerMessageArray);
}
