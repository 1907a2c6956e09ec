using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Drover.Server.Tests.Api;

namespace Drover.Server.Tests.Fuzzing;

/// <summary>An agent that says anything: the messages of a good one, changed at random, and about other users' jobs.</summary>
[Collection(nameof(Alone))]
public sealed class AgentFuzzTests(FuzzedServer fuzzed) : IClassFixture<FuzzedServer>
{
    private readonly ApiServer _server = fuzzed.Server;

    [Fact]
    public async Task An_agent_that_says_anything_harms_nobody_but_its_own_user()
    {
        fuzzed.ForgetErrors();
        var mutation = new Mutation();
        await using AgentInTest good = await AgentInTest.ConnectAsync(_server, "lab");
        string victim = (await _server.SubmitAsync("""{"command":["true"]}""")).Id.ToString();
        string ended = (await good.RunAsync()).ToString();
        string before = await ShownAsync(victim) + await ShownAsync(ended);
        string eve = await _server.NewUserAsync("eve");
        await _server.NewAgentAsync("fuzz"); // Makes the site.
        using HttpResponseMessage made = await _server.SendAsync(HttpMethod.Post, "api/v1/agents", eve, """{"site":"fuzz"}""");
        string token = (await made.Content.ReadFromJsonAsync(ProtocolJson.Default.IssuedToken))!.Token;
        int connections = Mutation.Times(60);
        var heap = new LiveHeap(connections, fuzzed.KeptBytes);
        for (int i = 0; i < connections; i++)
        {
            string own = (await _server.SubmitAsync("""{"command":["true"],"site":"fuzz"}""", eve)).Id.ToString();
            await TalkAsync(mutation, token, [own, own, own, victim, ended, "0", "99999999"]);
            using HttpResponseMessage alive = await _server.GetAsync("healthz");
            Assert.True(alive.StatusCode == HttpStatusCode.OK, $"seed {mutation.Seed}, connection {i}: {await alive.Content.ReadAsStringAsync()}");
            using HttpResponseMessage show = await _server.SendAsync(HttpMethod.Get, $"api/v1/jobs/{own}/explanation", eve);
            Assert.True(show.StatusCode == HttpStatusCode.OK, $"seed {mutation.Seed}, connection {i}: {await show.Content.ReadAsStringAsync()}");
            heap.After(i, $"seed {mutation.Seed}");
        }

        Assert.Equal(before, await ShownAsync(victim) + await ShownAsync(ended));
        await good.RunAsync();
        Assert.True(fuzzed.Errors.Length == 0, $"seed {mutation.Seed}: {fuzzed.Errors}");
    }

    [Theory]
    [InlineData("[{}]")]
    [InlineData("""[{"typ":"hello"}]""")]
    [InlineData("[null]")]
    [InlineData("""[{"type":"progressed","attempt":"1.1","progress":{"fraction":1e999}}]""")]
    [InlineData("""[{"type":"hello","protocol":1,"version":"1","folder":"f","host":"h","unixUser":"u","processId":1,"cpus":1,"memoryBytes":1,"driver":"process","limits":[null]}]""")]
    public async Task A_message_of_no_type_ends_the_connection_with_a_line_in_the_log_and_no_more(string json)
    {
        fuzzed.ForgetErrors();
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {await _server.NewAgentAsync("typeless")}");
        await socket.ConnectAsync(new Uri(_server.Http.BaseAddress!.AbsoluteUri.Replace("http:", "ws:", StringComparison.Ordinal).TrimEnd('/') + AgentProtocol.ConnectPath), default);
        await socket.SendAsync(Encoding.UTF8.GetBytes(json), WebSocketMessageType.Text, true, default);
        await ReceiveAsync(socket).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("", fuzzed.Errors);
    }

    /// <summary>One connection: as a good agent begins, mostly, and then anything.</summary>
    private async Task TalkAsync(Mutation mutation, string token, IReadOnlyList<string> jobs)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await socket.ConnectAsync(new Uri(_server.Http.BaseAddress!.AbsoluteUri.Replace("http:", "ws:", StringComparison.Ordinal).TrimEnd('/') + AgentProtocol.ConnectPath), default);
        Task receiving = ReceiveAsync(socket);
        string hello = Json(new AgentMessage.Hello
        {
            Protocol = AgentProtocol.Version,
            Version = "1.0.0",
            Folder = "f",
            Host = "h",
            UnixUser = "u",
            ProcessId = 1,
            Cpus = 100,
            MemoryBytes = 1 << 30,
            Driver = "process",
            Limits = ["time"],
        });
        try
        {
            await SendAsync(socket, mutation, mutation.OneIn(4) ? mutation.Json(hello) : hello);
            if (!mutation.OneIn(5))
            {
                await SendAsync(socket, mutation, Json(new AgentMessage.Ready()));
            }

            for (int i = mutation.Next(20); i > 0; i--)
            {
                string message = mutation.One(Messages(mutation.One(jobs)));
                await SendAsync(socket, mutation, mutation.OneIn(3) ? message : mutation.Json(message));
            }

            if (mutation.OneIn(2))
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", default).WaitAsync(TimeSpan.FromSeconds(30));
            }
        }
        catch (Exception e) when (e is WebSocketException or InvalidOperationException or IOException or OperationCanceledException)
        {
            // The server has had enough of it.
        }

        socket.Abort();
        await receiving.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static string[] Messages(string job)
    {
        var attempt = new AttemptId(new JobId(long.Parse(job)), 1);
        var end = new AttemptEnd { Ending = new Ending.Exited(0), At = DateTimeOffset.UnixEpoch, Evidence = "e", Usage = new Usage { CpuSeconds = 1.5, MaxMemoryBytes = 7 }, ErrorTail = "t" };
        return
        [
            Json(new AgentMessage.Known([attempt])),
            Json(new AgentMessage.Ready()),
            Json(new AgentMessage.Started(1, attempt, 17, DateTimeOffset.UnixEpoch)),
            Json(new AgentMessage.Ended(2, attempt, end)),
            Json(new AgentMessage.Ended(3, attempt, end with { Ending = new Ending.Signaled(9, "SIGKILL") })),
            Json(new AgentMessage.Ended(4, attempt, end with { Ending = new Ending.Lost("r") })),
            Json(new AgentMessage.Ended(5, attempt, end with { Ending = new Ending.TimeLimit(5) })),
            Json(new AgentMessage.Progressed(attempt, new Progress { Fraction = 0.5, Message = "m" })),
            Json(new AgentMessage.OpFailed(new OpId(1), false, "m")),
            Json(new AgentMessage.Purged([job, "~shared"])),
            Json(new AgentMessage.Idle()),
        ];
    }

    /// <summary>As text, now and then as bytes or in pieces.</summary>
    private static async Task SendAsync(ClientWebSocket socket, Mutation mutation, string json)
    {
        byte[] bytes = mutation.OneIn(20) ? mutation.Bytes(Encoding.UTF8.GetBytes(json)) : Encoding.UTF8.GetBytes(json);
        WebSocketMessageType type = mutation.OneIn(10) ? WebSocketMessageType.Binary : WebSocketMessageType.Text;
        int cut = mutation.OneIn(5) ? mutation.Next(bytes.Length + 1) : 0;
        if (cut > 0)
        {
            await socket.SendAsync(bytes.AsMemory(0, cut), type, endOfMessage: false, default);
        }

        await socket.SendAsync(bytes.AsMemory(cut), type, endOfMessage: !mutation.OneIn(30), default);
    }

    private static async Task ReceiveAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[AgentProtocol.MaxMessageBytes];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), default)).MessageType != WebSocketMessageType.Close)
            {
                // What it says is of no interest.
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            // It is over.
        }
    }

    private static string Json(AgentMessage message) => JsonSerializer.Serialize([message], ProtocolJson.Default.AgentMessageArray);

    private async Task<string> ShownAsync(string id)
    {
        using HttpResponseMessage response = await _server.GetAsync($"api/v1/jobs/{id}");
        return await response.Content.ReadAsStringAsync();
    }
}
