using System.Collections.Concurrent;

namespace Drover.Server.Supervision;

/// <summary>The ops of one connection that wait for the agent's stream. Used from the loop and from HTTP requests.</summary>
internal sealed class PendingOps
{
    private readonly ConcurrentDictionary<OpId, PendingOp> _ops = new();
    private long _last;
    private string? _endedBecause;

    /// <summary>Whether nobody waits for an answer.</summary>
    internal bool IsEmpty => _ops.IsEmpty;

    /// <summary>Makes an op. It fails at once when the connection is over.</summary>
    internal PendingOp Begin(AgentSession session, SlotLease? slot = null)
    {
        var op = new PendingOp(new OpId(Interlocked.Increment(ref _last)), session, slot);
        _ops[op.Id] = op;
        if (_endedBecause is { } why)
        {
            op.Fail(new AgentAwayException(why));
        }

        return op;
    }

    /// <summary>The op of this number, if anybody still waits for it.</summary>
    internal PendingOp? Find(OpId id) => _ops.GetValueOrDefault(id);

    /// <summary>The connection is over.</summary>
    internal void FailAll(string why)
    {
        _endedBecause = why;
        foreach (PendingOp op in _ops.Values)
        {
            op.Fail(new AgentAwayException(why));
        }
    }

    internal void Remove(OpId id) => _ops.TryRemove(id, out _);
}
