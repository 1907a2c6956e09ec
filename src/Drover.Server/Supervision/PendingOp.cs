namespace Drover.Server.Supervision;

/// <summary>
/// A request for bytes that an agent answers by posting a stream. The one who asked reads it, then disposes the op,
/// which ends the agent's request.
/// </summary>
/// <param name="id">See <see cref="Id"/>.</param>
/// <param name="session">See <see cref="Session"/>.</param>
/// <param name="slot">What it holds until it is disposed, on the supervision loop then.</param>
internal sealed class PendingOp(OpId id, AgentSession session, SlotLease? slot = null) : IDisposable
{
    private readonly TaskCompletionSource<AgentStream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _read = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its number.</summary>
    internal OpId Id { get; } = id;

    /// <summary>The connection that it was sent over: its number means nothing on another one.</summary>
    internal AgentSession Session { get; } = session;

    /// <summary>The agent's bytes, once they begin to come.</summary>
    /// <exception cref="AgentAwayException">In the task: the agent's connection ended.</exception>
    /// <exception cref="OpRefusedException">In the task: the agent cannot do it.</exception>
    internal Task<AgentStream> Stream => _stream.Task;

    /// <summary>Hands over the agent's bytes; the task completes when they have been read, or nobody wants them.</summary>
    internal Task OfferAsync(AgentStream stream) => _stream.TrySetResult(stream) ? _read.Task : Task.CompletedTask;

    /// <summary>It cannot be answered.</summary>
    internal void Fail(Exception error)
    {
        if (_stream.TrySetException(error))
        {
            _ = _stream.Task.Exception; // Whoever asked may be gone; then nobody looks.
        }
    }

    public void Dispose()
    {
        Session.Ops.Remove(Id);
        _read.TrySetResult();
        slot?.Dispose();
    }
}
