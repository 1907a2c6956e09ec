using System.Net.WebSockets;
using System.Text.Json;

namespace Drover.Agent.Tests.Fakes;

/// <summary>The server's end of a connection, in the hands of the test.</summary>
internal sealed class Peer(WebSocket socket)
{
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Queue<AgentMessage> _received = new();
    private readonly byte[] _buffer = new byte[1 << 20];

    internal Task Closed => _closed.Task;

    /// <summary>How long the longest message was.</summary>
    internal int LongestMessage { get; private set; }

    /// <summary>What the agent said of its records.</summary>
    internal List<AttemptId> Known { get; } = [];

    internal AgentMessage.Hello? Hello { get; private set; }

    /// <summary>Receives the next message of whatever kind.</summary>
    internal async Task<AgentMessage> ReceiveAsync() =>
        await TryReceiveAsync() ?? throw new InvalidOperationException("The agent has closed the connection.");

    /// <summary>Receives the next message; null when the agent has closed the connection.</summary>
    internal async Task<AgentMessage?> TryReceiveAsync()
    {
        while (_received.Count == 0)
        {
            int length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None).Within();
                length += part.Count;
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    _closed.TrySetResult();
                    return null;
                }
            }
            while (!part.EndOfMessage);

            LongestMessage = Math.Max(LongestMessage, length);
            foreach (AgentMessage message in JsonSerializer.Deserialize(_buffer.AsSpan(0, length), ProtocolJson.Default.AgentMessageArray)!)
            {
                _received.Enqueue(message);
            }
        }

        return _received.Dequeue();
    }

    /// <summary>Receives the next message, which has to be of one kind.</summary>
    internal async Task<T> ReceiveAsync<T>()
        where T : AgentMessage => Assert.IsType<T>(await ReceiveAsync());

    /// <summary>Shakes hands: Hello, Welcome, Known, Ready.</summary>
    internal async Task WelcomeAsync(double? idleSeconds, double heartbeatSeconds)
    {
        Hello = await ReceiveAsync<AgentMessage.Hello>();
        await SendAsync(new ServerMessage.Welcome
        {
            Version = "1.0",
            Agent = "ada@local",
            Connection = "c1",
            HeartbeatSeconds = heartbeatSeconds,
            IdleSeconds = idleSeconds,
        });
        while (await ReceiveAsync() is AgentMessage.Known known)
        {
            Known.AddRange(known.Attempts);
        }
    }

    internal async Task<AgentMessage.Ended> ReceiveEndAsync(AttemptId attempt)
    {
        while (true)
        {
            if (await ReceiveAsync() is AgentMessage.Ended ended && ended.Attempt == attempt)
            {
                return ended;
            }
        }
    }

    internal Task SendAsync(params ServerMessage[] messages) =>
        SendAsync(JsonSerializer.SerializeToUtf8Bytes(messages, ProtocolJson.Default.ServerMessageArray));

    internal Task SendAsync(byte[] raw, WebSocketMessageType type = WebSocketMessageType.Text) =>
        socket.SendAsync(raw, type, endOfMessage: true, CancellationToken.None).Within();

    internal Task AcknowledgeAsync(params long[] events) => SendAsync(new ServerMessage.Acknowledged(events));

    internal Task RunAsync(AttemptId attempt) => SendAsync(Order(attempt));

    internal static ServerMessage.Run Order(AttemptId attempt) => new(new RunOrder
    {
        Attempt = attempt,
        RunDirectory = $"job-{attempt.Job.Value}",
        Spec = new JobSpec { Command = ["true"] },
        GraceSeconds = 10,
    });

    /// <summary>Breaks the connection without a word.</summary>
    internal void Cut()
    {
        socket.Abort();
        _closed.TrySetResult();
    }
}
