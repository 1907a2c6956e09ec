using System.Threading.Channels;

namespace Drover.Server.Supervision;

/// <summary>
/// One connection of an agent. What it receives is handled on the supervision loop; what is sent is queued for the
/// connection's own writer.
/// </summary>
internal sealed class AgentSession
{
    /// <summary>
    /// An agent that does not read more than so much is cut off: it asks for more than it takes, or nobody is there. When it
    /// connects anew it is told again what it still has to know.
    /// </summary>
    internal const int MostWaitingBytes = 8 << 20;

    /// <summary>
    /// The writer goes on at once, on the loop: handing a few bytes to the kernel costs less than waking a thread for it.
    /// Bounded by <see cref="MostWaitingBytes"/>. The writer reads it, and on the loop the end of the connection.
    /// </summary>
    private readonly System.Threading.Channels.Channel<byte[]> _outgoing = System.Threading.Channels.Channel.CreateUnbounded<byte[]>(
        new UnboundedChannelOptions { SingleWriter = true, AllowSynchronousContinuations = true });

    private readonly Event _ended;
    private long _waitingBytes;
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

    /// <summary>The attempts of unfinished jobs that it has named so far.</summary>
    internal HashSet<AttemptId> Known { get; } = [];

    /// <summary>Whether it has said that it has named all that it knows.</summary>
    internal bool HasNamedAll { get; set; }

    /// <summary>Why it has ended; null while it has not.</summary>
    internal string? WhyEnded { get; private set; }

    /// <summary>Called once when it ends, on the loop.</summary>
    internal Action? OnEnd { get; set; }

    /// <summary>The ops that wait for an answer.</summary>
    internal PendingOps Ops { get; } = new();

    /// <summary>What is to be sent, for the writer, which says of each that it is <see cref="Sent"/>.</summary>
    internal ChannelReader<byte[]> Outgoing => _outgoing.Reader;

    /// <summary>A message of <see cref="Outgoing"/> is sent: it takes no room any more. Any thread.</summary>
    internal void Sent(byte[] message) => Interlocked.Add(ref _waitingBytes, -message.Length);

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

    /// <summary>
    /// Ends it: ops fail, and the writer closes. What is queued is dropped, for who does not read could leave it behind with
    /// each connection; the agent is told again on its next one. Again: does nothing.
    /// </summary>
    internal void End(string why)
    {
        if (WhyEnded is not null)
        {
            return;
        }

        WhyEnded = why;
        (_unsent, _acknowledged) = ([], []);
        while (_outgoing.Reader.TryRead(out _))
        {
            // Nobody sends it any more.
        }

        _outgoing.Writer.TryComplete();
        OnEnd?.Invoke();
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

        (List<ServerMessage> batch, _unsent, _acknowledged) = (_unsent, [], []);
        if (batch.Count == 0 || WhyEnded is not null)
        {
            return;
        }

        if (_deliver is not null)
        {
            _deliver(batch);
            return;
        }

        // What earlier turns left: one turn alone may have much for an agent that reads, after a restart for instance.
        if (Interlocked.Read(ref _waitingBytes) > MostWaitingBytes)
        {
            End($"more than {Quantities.Bytes(MostWaitingBytes)} of messages wait for the agent, which does not read them");
            return;
        }

        foreach (byte[] message in SocketMessages.Of(batch))
        {
            Interlocked.Add(ref _waitingBytes, message.Length);
            _outgoing.Writer.TryWrite(message);
        }
    }
}
