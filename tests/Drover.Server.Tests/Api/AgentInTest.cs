using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Drover.Protocol.Files;

namespace Drover.Server.Tests.Api;

/// <summary>An agent over a real connection. Its jobs succeed at once, and have a file and a log of ten bytes; commands say "hi".</summary>
internal sealed class AgentInTest : IAsyncDisposable
{
    internal static readonly byte[] Content = "0123456789"u8.ToArray();

    /// <summary>The ETag of its file.</summary>
    internal const string Tag = "\"3e8-a\"";

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ApiServer _server;
    private readonly string _site;
    private string _token = "";
    private string _connection = "";
    private long _lastEvent;
    private Task _talk = Task.CompletedTask;

    private AgentInTest(ApiServer server, string site) => (_server, _site) = (server, site);

    internal string Token => _token;

    /// <summary>Canceled at the end of the test.</summary>
    internal CancellationToken Stopping => _stopping.Token;

    /// <summary>What a log has instead of its ten bytes.</summary>
    internal Func<ServerMessage.ReadLog, HttpContent>? Log { get; set; }

    /// <summary>What it does instead of running a job.</summary>
    internal Func<RunOrder, Task>? Run { get; set; }

    internal static async Task<AgentInTest> ConnectAsync(ApiServer server, string site)
    {
        var agent = new AgentInTest(server, site) { _token = await server.NewAgentAsync(site) };
        agent._socket.Options.SetRequestHeader("Authorization", $"Bearer {agent._token}");
        await agent._socket.ConnectAsync(new Uri(server.Http.BaseAddress!.AbsoluteUri.Replace("http:", "ws:", StringComparison.Ordinal).TrimEnd('/') + AgentProtocol.ConnectPath), default);
        await agent.SayAsync(new AgentMessage.Hello
        {
            Protocol = AgentProtocol.Version,
            Version = "1.0.0",
            Folder = Guid.NewGuid().ToString("N"),
            Host = "testhost",
            UnixUser = "tester",
            ProcessId = 1,
            Cpus = 4,
            MemoryBytes = 1L << 30,
            Driver = "process",
            Limits = [],
        });
        agent._connection = ((ServerMessage.Welcome)(await agent.HearAsync())[0]).Connection;
        await agent.SayAsync(new AgentMessage.Ready());
        agent._talk = agent.TalkAsync();
        return agent;
    }

    /// <summary>Submits a job and waits until it has succeeded.</summary>
    internal async Task<JobId> RunAsync(string more = "")
    {
        JobInfo job = await _server.SubmitAsync($$"""{"command":["true"],"site":"{{_site}}"{{more}}}""");
        using HttpResponseMessage ended = await _server.GetAsync($"api/v1/jobs/{job.Id}?waitSeconds=30&until=ended");
        Assert.Equal(JobState.Ended, (await ended.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!.State);
        return job.Id;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _talk;
        _socket.Dispose();
        _stopping.Dispose();
    }

    internal Task SayAsync(params AgentMessage[] messages) => _socket.SendAsync(
        JsonSerializer.SerializeToUtf8Bytes(messages, ProtocolJson.Default.AgentMessageArray), WebSocketMessageType.Text, true, default);

    private async Task<ServerMessage[]> HearAsync()
    {
        byte[] buffer = new byte[AgentProtocol.MaxMessageBytes];
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(buffer.AsMemory(length), _stopping.Token);
            length += part.Count;
            if (part.EndOfMessage)
            {
                return part.MessageType == WebSocketMessageType.Close ? [] : JsonSerializer.Deserialize(buffer.AsSpan(0, length), ProtocolJson.Default.ServerMessageArray)!;
            }
        }
    }

    private async Task TalkAsync()
    {
        try
        {
            while (await HearAsync() is { Length: > 0 } messages)
            {
                foreach (ServerMessage message in messages)
                {
                    await AnswerAsync(message);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            // The test is over.
        }
    }

    private Task AnswerAsync(ServerMessage message) => message switch
    {
        ServerMessage.Run { Order: var order } when Run is not null => Run(order),
        ServerMessage.Run { Order: var order } => SayAsync(
            new AgentMessage.Started(++_lastEvent, order.Attempt, 4711, DateTimeOffset.UtcNow),
            new AgentMessage.Ended(++_lastEvent, order.Attempt, new AttemptEnd { Ending = new Ending.Exited(0), At = DateTimeOffset.UtcNow, Evidence = "the test says so" })),
        ServerMessage.ReadLog log => PostAsync(log.Op, Log?.Invoke(log) ?? new ByteArrayContent(Content), offset: 0),
        ServerMessage.ListFiles list => PostAsync(list.Op, JsonContent.Create(
            new FileList { Directory = "/runs/1", Entries = [new FileEntry { Path = "results", IsDirectory = true }] }, ProtocolJson.Default.FileList)),
        ServerMessage.ReadFile file => PostAsync(
            file.Op,
            new ByteArrayContent(Content.Skip((int)file.Offset).Take((int)Math.Min(file.Length ?? 10, 10)).ToArray()),
            Math.Min(file.Offset, 10),
            Content.Length),
        ServerMessage.ReadArchive archive => PostAsync(archive.Op, new ByteArrayContent(InputPack.Of(("results/a.txt", Content)))),
        ServerMessage.Exec exec => PostAsync(exec.Op, new ByteArrayContent(
            [.. Frame(ExecFrames.Output, "hi"u8), .. Frame(ExecFrames.Result, """{"ending":{"kind":"exited","code":0}}"""u8)])),
        _ => Task.CompletedTask,
    };

    private static byte[] Frame(byte kind, ReadOnlySpan<byte> payload)
    {
        byte[] frame = [kind, 0, 0, 0, 0, .. payload];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), payload.Length);
        return frame;
    }

    private async Task PostAsync(OpId op, HttpContent content, long? offset = null, long? total = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{AgentProtocol.StreamPath[1..]}{op.Value}", UriKind.Relative)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        request.Headers.Add(AgentProtocol.ConnectionHeader, _connection);
        if (offset is { } from)
        {
            request.Headers.Add(AgentProtocol.OffsetHeader, from.ToString());
        }

        if (total is { } length)
        {
            request.Headers.Add(AgentProtocol.TotalHeader, length.ToString());
            request.Headers.Add(AgentProtocol.ModifiedHeader, "1000");
        }

        try
        {
            using HttpResponseMessage response = await _server.Http.SendAsync(request, _stopping.Token);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Whoever asked is gone.
        }
    }
}
