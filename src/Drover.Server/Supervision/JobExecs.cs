using System.Text.Json;

namespace Drover.Server.Supervision;

/// <summary>Runs short commands in the run directories of jobs. Belongs to the supervision loop.</summary>
internal sealed class JobExecs(Supervisor supervisor, JobFiles files)
{
    private const double LongestSeconds = 3600;

    /// <summary>
    /// Sends a command to the agent of a job, which answers with a stream. Waits for a slot of the agent, and a while for an
    /// agent that is away. The op holds the slot until it is disposed.
    /// </summary>
    /// <exception cref="RequestRefusedException">There is no such job of this user, it has no run directory, or the command makes no sense.</exception>
    /// <exception cref="AgentAwayException">The agent is not there.</exception>
    internal async Task<PendingOp> BeginAsync(Caller caller, JobId id, ExecSpec spec)
    {
        Check(spec);
        JobInfo job = await supervisor.FindAsync(caller, id);
        CheckHasFiles(job);
        KnownAgent agent = supervisor.Agents.AgentOf(job.User, job.Spec.Site);
        SlotLease slot = await agent.ExecSlotAsync(job.Id);
        try
        {
            CheckHasFiles(await supervisor.FindAsync(caller, id)); // They may be gone since.
            return (await files.BeginAsync(caller, id, Message, slot))!;
        }
        catch
        {
            slot.Dispose();
            throw;
        }

        ServerMessage Message(OpId op, JobInfo job)
        {
            var message = new ServerMessage.Exec(op, new AttemptId(id, job.Attempt), job.RunDirectoryName(), spec, job.Spec.Environment, job.Array, job.Spec.Cpus);
            int length = JsonSerializer.SerializeToUtf8Bytes<ServerMessage>(message, ProtocolJson.Default.ServerMessage).Length;
            return length + 2 <= AgentProtocol.MaxMessageBytes ? message : throw new RequestRefusedException(
                "tooLarge",
                $"The command and the environment of job {id} have {Quantities.Bytes(length)} as JSON, and at most {Quantities.Bytes(AgentProtocol.MaxMessageBytes)} can be sent: put what is long into a file.");
        }
    }

    private static void Check(ExecSpec spec)
    {
        if (spec.Command.Count == 0 || string.IsNullOrEmpty(spec.Command[0]))
        {
            throw RequestRefusedException.Bad("The command is empty: name a program, and its arguments.");
        }

        if (spec.Command.Any(word => word is null || word.Contains('\0', StringComparison.Ordinal)))
        {
            throw RequestRefusedException.Bad("An argument of the command is null or contains a null character.");
        }

        if (!(spec.TimeLimitSeconds > 0 && spec.TimeLimitSeconds <= LongestSeconds))
        {
            throw RequestRefusedException.Bad($"A time limit here is more than 0 and at most {LongestSeconds} seconds.");
        }
    }

    private static void CheckHasFiles(JobInfo job)
    {
        string? why = job.State == JobState.Purged ? $"The run directory of job {job.Id} was removed: commands cannot run in it any more."
            : job is { StartedAt: null, Agent: null, Attempt: 1 } && job.State.IsOver() ? $"Job {job.Id} was never started: it has no run directory to run commands in."
            : job is { StartedAt: null, Agent: null, Attempt: 1 } ? $"Job {job.Id} has not started: it has no run directory yet to run commands in."
            : null;
        if (why is not null)
        {
            throw new RequestRefusedException("conflict", why);
        }
    }
}
