namespace Drover.Server.Supervision;

/// <summary>Asks the agent that has a job's files for their bytes. Belongs to the supervision loop.</summary>
internal sealed class JobFiles(Supervisor supervisor)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Sends an op to the agent of a job, which answers with a stream. Waits a while for an agent that is away. Null when
    /// the job never got as far as having files.
    /// </summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="id">For which job.</param>
    /// <param name="ask">Makes the message.</param>
    /// <param name="slot">What the op holds until it is disposed.</param>
    /// <exception cref="RequestRefusedException">There is no such job of this user, or its files were removed.</exception>
    /// <exception cref="AgentAwayException">The agent is not there.</exception>
    internal async Task<PendingOp?> BeginAsync(Caller caller, JobId id, Func<OpId, JobInfo, ServerMessage> ask, SlotLease? slot = null)
    {
        JobInfo job = await supervisor.FindAsync(caller, id);
        if (job is { StartedAt: null, Agent: null, Attempt: 1 })
        {
            return null;
        }

        if (job.State == JobState.Purged)
        {
            throw await supervisor.PurgedAsync(job);
        }

        KnownAgent agent = supervisor.Agents.AgentOf(job.User, job.Spec.Site);
        supervisor.Agents.Need(agent);
        Outcome<AgentSession> ready = await CancelScope.MoveOnAfterAsync(s_patience, agent.ReadyAsync, $"agent '{agent.Name}'");
        if (!ready.TryGetValue(out AgentSession? session))
        {
            throw new AgentAwayException($"The files of job {id} are at agent '{agent.Name}', which is away: {agent.HowToStart()}.");
        }

        PendingOp op = session.Ops.Begin(session, slot);
        try
        {
            session.Send(ask(op.Id, job));
            return op;
        }
        catch
        {
            op.Dispose();
            throw;
        }
    }

    /// <summary>Nobody wants the answer any more, or all of it was read.</summary>
    internal static void End(PendingOp op)
    {
        op.Dispose();
        op.Session.Send(new ServerMessage.EndOp(op.Id));
    }
}
