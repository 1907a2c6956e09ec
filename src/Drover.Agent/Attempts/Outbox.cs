using Drover.Agent.Connections;
using Drover.Agent.Drivers;

namespace Drover.Agent.Attempts;

/// <summary>
/// What the server has to be told, in order. Events stay until they are acknowledged, and are sent again, in the same
/// order, on each new connection; on one connection nothing is sent twice. Belongs to the agent's loop.
/// </summary>
/// <param name="log">For messages that should not be.</param>
internal sealed class Outbox(AgentLog log)
{
    private readonly LinkedList<Entry> _entries = [];
    private readonly Dictionary<long, LinkedListNode<Entry>> _events = [];

    /// <summary>The latest of each attempt that runs.</summary>
    private readonly Dictionary<AttemptId, AgentMessage.Progressed> _progress = [];

    /// <summary>The entries of progress that was not sent: the next one takes the place.</summary>
    private readonly Dictionary<AttemptId, LinkedListNode<Entry>> _unsentProgress = [];
    private readonly Event _hasMore = new("outbox");

    /// <summary>The first entry that was not sent on this connection.</summary>
    private LinkedListNode<Entry>? _next;
    private long _lastEvent;

    /// <summary>How many events the server has not acknowledged.</summary>
    internal int Unacknowledged => _events.Count;

    /// <summary>An attempt runs. Returns the number of the event.</summary>
    internal long AddStarted(AttemptRecord record, int processId, DateTimeOffset at)
    {
        long number = ++_lastEvent;
        AddEvent(number, new AgentMessage.Started(number, record.Attempt, processId, at), null);
        return number;
    }

    /// <summary>An attempt has ended. Returns the number of the event.</summary>
    /// <param name="attempt">Which.</param>
    /// <param name="end">How.</param>
    /// <param name="acknowledged">Set when the server has acknowledged it.</param>
    internal long AddEnded(AttemptId attempt, AttemptEnd end, Event acknowledged)
    {
        long number = ++_lastEvent;
        _progress.Remove(attempt);
        AddEvent(number, new AgentMessage.Ended(number, attempt, Bounds.Cut(end)), acknowledged);
        return number;
    }

    /// <summary>An attempt says how far it is, or cannot be ended. What was not sent before is replaced.</summary>
    internal void SetProgress(AttemptId attempt, Progress progress, string? trouble = null) =>
        SetProgress(new AgentMessage.Progressed(attempt, Bounds.Cut(progress), trouble is null ? null : Bounds.Begin(trouble)));

    private void SetProgress(AgentMessage.Progressed progressed)
    {
        AttemptId attempt = progressed.Attempt;
        _progress[attempt] = progressed;
        var entry = new Entry(0, progressed, null);
        if (_unsentProgress.TryGetValue(attempt, out LinkedListNode<Entry>? unsent))
        {
            unsent.Value = entry;
        }
        else
        {
            _unsentProgress[attempt] = Add(entry);
        }
    }

    /// <summary>Says something that is lost with the connection.</summary>
    internal void Say(AgentMessage message) => Add(new Entry(0, message, null));

    /// <summary>Drops events that the server has on its disk. Those that are not known were acknowledged before.</summary>
    internal void Acknowledge(IReadOnlyList<long> events)
    {
        foreach (long number in events)
        {
            if (_events.Remove(number, out LinkedListNode<Entry>? node))
            {
                Remove(node);
                node.Value.Acknowledged?.Set();
            }
        }
    }

    /// <summary>Begins anew for a new connection: all events are to be sent, and how far each attempt is.</summary>
    internal void Rewind()
    {
        for (LinkedListNode<Entry>? node = _entries.First, next; node is not null; node = next)
        {
            next = node.Next;
            if (node.Value.Number == 0)
            {
                _entries.Remove(node);
            }
        }

        _unsentProgress.Clear();
        _next = _entries.First;
        foreach (AgentMessage.Progressed progressed in _progress.Values.ToArray())
        {
            SetProgress(progressed);
        }
    }

    /// <summary>Moves what is to be sent into a message, as much as fits; waits while there is nothing.</summary>
    internal async Task FillAsync(MessageBatch batch)
    {
        while (batch.IsEmpty)
        {
            if (_next is null)
            {
                _hasMore.Reset();
                await _hasMore.WaitAsync("something to tell the server");
            }

            while (_next is { } node)
            {
                if (!batch.TryAdd(node.Value.Message))
                {
                    if (!batch.IsEmpty)
                    {
                        return;
                    }

                    log.Write($"A bug: this is too long for a message and is not sent: {node.Value.Message.GetType().Name} {node.Value.Number}.");
                }

                Sent(node);
            }
        }
    }

    private void Sent(LinkedListNode<Entry> node)
    {
        _next = node.Next;
        if (node.Value.Number != 0)
        {
            return;
        }

        _entries.Remove(node);
        if (node.Value.Message is AgentMessage.Progressed progressed)
        {
            _unsentProgress.Remove(progressed.Attempt);
        }
    }

    private void AddEvent(long number, AgentMessage message, Event? acknowledged) =>
        _events[number] = Add(new Entry(number, message, acknowledged));

    private LinkedListNode<Entry> Add(Entry entry)
    {
        LinkedListNode<Entry> node = _entries.AddLast(entry);
        _next ??= node;
        _hasMore.Set();
        return node;
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        if (_next == node)
        {
            _next = node.Next;
        }

        _entries.Remove(node);
    }

    /// <param name="Number">The number of the event; 0 for what is not kept.</param>
    /// <param name="Message">What to say.</param>
    /// <param name="Acknowledged">Set when the server has it.</param>
    private readonly record struct Entry(long Number, AgentMessage Message, Event? Acknowledged);
}
