using System.Threading.Channels;

namespace Drover.Server.Supervision;

/// <summary>
/// One connection of an agent. What it receives is handled on the supervision loop; what is sent is queued for the
/// connection's own writer.
/// </summary>
internal sealed class AgentSession
{
    /// <summary>The writer goes on at once, on the loop: handing a few bytes to the kernel costs less than waking a thread for it.</summary>
    private readonly System.Threading.Channels.Channel<IReadOnlyList<ServerMessage>> _outgoing =
        System.Threading.Channels.Channel.CreateUnbounded<IReadOnlyList<ServerMessage>>(
            new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly Event _ended;
    private List<ServerMessage> _unsent = [];
    private List<long> _acknowledged = [];
    private bool _flushIsDue;

    private readonly Action<IReadOnlyList<ServerMessage>?>? _deliver;

    /// <summary>Begins a connection.</summary>
    /// <param name="id">Its random name.</param>
    /// <param name="hello">What the agent said of itself.</param>
    /// <param name="deliver">
    /// Takes what is to be sent, in its order, and null at the end; called on the loop. Default: it waits in
    /// <see cref="Outgoing"/>.
    /// </param>
    internal AgentSession(string id, AgentMessage.Hello hello, Action<IReadOnlyList<ServerMessage>?>? deliver = null)
    {
        _deliver = deliver;
        Id = id;
        Hello = hello;
        _ended = new Event($"end of connection {id}");
    }

    /// <summary>The connection's random name, which its streams show.</summary>
    internal string Id { get; }

    /// <summary>What the agent said of itself.</summary>
    internal AgentMessage.Hello Hello { get; }

    /// <summary>The attempts that it has named so far.</summary>
    internal HashSet<AttemptId> Known { get; } = [];


    /// <summary>The ops that wait for an answer.</summary>
    internal PendingOps Ops { get; } = new();

    /// <summary>What is to be sent, for the writer.</summary>
    internal ChannelReader<IReadOnlyList<ServerMessage>> Outgoing => _outgoing.Reader;

    /// <summary>Sends a message, together with others of the same turn. Nothing happens when the connection is over. Does not block.</summary>
    internal void Send(ServerMessage message)
    {
        _unsent.Add(message);
        FlushAfterThisTurn();
    }

    /// <summary>Says that what an event tells is on disk. Sent together with others of the same turn.</summary>
    internal void Acknowledge(long number)
    {
        _acknowledged.Add(number);
        FlushAfterThisTurn();
    }

    /// <summary>Ends it: the writer sends what is queued and closes; ops fail.</summary>
    internal void End(string why)
    {
        Flush();
        _outgoing.Writer.TryComplete();
        _deliver?.Invoke(null);
        _ended.Set();
        Ops.FailAll(why);
    }

    /// <summary>Waits until it has ended.</summary>
    internal async Task EndedAsync() => await _ended.WaitAsync($"end of connection {Id}");

    private void FlushAfterThisTurn()
    {
        if (!_flushIsDue)
        {
            _flushIsDue = true;
            SynchronizationContext.Current!.Post(static session => ((AgentSession)session!).Flush(), this);
        }
    }

    private void Flush()
    {
        const int MostInOneMessage = 1000;
        _flushIsDue = false;
        foreach (long[] part in _acknowledged.Chunk(MostInOneMessage))
        {
            _unsent.Add(new ServerMessage.Acknowledged(part));
        }

        if (_unsent.Count > 0)
        {
            List<ServerMessage> batch = _unsent;
            (_unsent, _acknowledged) = ([], []);
            if (_deliver is null)
            {
                _outgoing.Writer.TryWrite(batch);
            }
            else
            {
                _deliver(batch);
            }
        }
    }
}
