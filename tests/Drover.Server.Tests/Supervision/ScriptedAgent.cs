using System.Text.Json;
using Drover.Server.Supervision;

namespace Drover.Server.Tests.Supervision;

/// <summary>An agent that says what a test tells it to say, over connections without a network.</summary>
internal sealed class ScriptedAgent(Supervisor supervisor, string user, string site = "local", string folder = "folder-1", int cpus = 2)
{
    private readonly List<ServerMessage> _received = [];
    private AgentSession? _session;
    private long _lastEvent;

    /// <summary>What the server has said and nobody has taken yet.</summary>
    internal IReadOnlyList<ServerMessage> Received
    {
        get
        {
            Read();
            return _received;
        }
    }

    /// <summary>The numbers of the events that the server has acknowledged, in order.</summary>
    internal List<long> Acknowledged { get; } = [];

    /// <summary>Connects, and says that it is ready, unless it is not.</summary>
    internal async Task<ServerMessage> ConnectAsync(IReadOnlyList<AttemptId>? known = null, int protocol = AgentProtocol.Version, bool isReady = true)
    {
        var session = new AgentSession(Guid.NewGuid().ToString("N"), new AgentMessage.Hello
        {
            Protocol = protocol,
            Version = "1.0.0",
            Folder = folder,
            Host = "testhost",
            UnixUser = "tester",
            ProcessId = 4242,
            Cpus = cpus,
            MemoryBytes = 1L << 34,
            Driver = "process",
            Limits = ["time", "memory"],
        });
        ServerMessage answer = await supervisor.Agents.AttachAsync(session, user, site);
        if (answer is ServerMessage.Welcome)
        {
            _session = session;
            Say([new AgentMessage.Known(known ?? []), .. isReady ? (AgentMessage[])[new AgentMessage.Ready()] : []]);
        }

        return answer;
    }

    /// <summary>The server's end of its connection.</summary>
    internal AgentSession Session => _session!;

    /// <summary>Why the server has ended its connection; null while it has not.</summary>
    internal string? WhyEnded => _session?.WhyEnded;

    internal void Disconnect()
    {
        Read();
        supervisor.Agents.Detach(_session!, user, site);
    }

    /// <summary>How far its clock is ahead of the server's.</summary>
    internal TimeSpan Clock { get; init; }

    private DateTimeOffset Now => EventLoop.Current.Time.GetUtcNow() + Clock;

    internal void Say(params AgentMessage[] messages) => supervisor.Agents.Receive(_session!, user, site, messages);

    internal long Started(AttemptId attempt)
    {
        Say(new AgentMessage.Started(++_lastEvent, attempt, 1000 + (int)attempt.Job.Value, Now));
        return _lastEvent;
    }

    internal long Ended(AttemptId attempt, Ending ending)
    {
        Say(EndedMessage(attempt, ending));
        return _lastEvent;
    }

    internal AgentMessage EndedMessage(AttemptId attempt, Ending ending) => new AgentMessage.Ended(++_lastEvent, attempt, new AttemptEnd
    {
        Ending = ending,
        At = Now,
        Evidence = "as the test says",
    });

    /// <summary>Waits for the next message of a kind, and takes it; those before it are dropped.</summary>
    internal async Task<T> NextAsync<T>()
        where T : ServerMessage
    {
        while (true)
        {
            Read();
            int index = _received.FindIndex(message => message is T);
            if (index >= 0)
            {
                var found = (T)_received[index];
                _received.RemoveRange(0, index + 1);
                return found;
            }

            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        }
    }

    /// <summary>Waits for the next order to run something.</summary>
    internal async Task<RunOrder> NextRunAsync() => (await NextAsync<ServerMessage.Run>()).Order;

    /// <summary>Takes everything that the server has said.</summary>
    internal IReadOnlyList<ServerMessage> TakeAll()
    {
        Read();
        ServerMessage[] all = [.. _received];
        _received.Clear();
        return all;
    }

    /// <summary>Gives the server time for everything that it may still want to say.</summary>
    internal async Task NothingMoreAsync()
    {
        for (int i = 0; i < 100; i++)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
            Read();
        }
    }

    private void Read()
    {
        while (_session?.Outgoing.TryRead(out byte[]? message) == true)
        {
            _session.Sent(message);
            ServerMessage[] messages = JsonSerializer.Deserialize(message, ProtocolJson.Default.ServerMessageArray)!;
            Acknowledged.AddRange(messages.OfType<ServerMessage.Acknowledged>().SelectMany(acknowledged => acknowledged.Events));
            _received.AddRange(messages.Where(message => message is not ServerMessage.Acknowledged));
        }
    }
}
