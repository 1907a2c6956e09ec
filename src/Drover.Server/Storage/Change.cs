namespace Drover.Server.Storage;

/// <summary>
/// A fact in the past, to be stored. A closed choice. Each is one or more rows; all changes of one
/// <see cref="Store.CommitAsync"/> are stored, or none is.
/// </summary>
/// <remarks>The store gives events their sequence, in the order of commits: what they carry here is not looked at.</remarks>
internal abstract record Change
{
    private Change()
    {
    }

    /// <summary>A job was accepted. It is queued, and so is its first attempt.</summary>
    /// <param name="Job">The job; its number is free, its user known.</param>
    /// <param name="Event">For the audit trail.</param>
    internal sealed record JobSubmitted(JobRow Job, JobEvent Event) : Change;

    /// <summary>
    /// A job and its last attempt went from one state to another. Refused when the job is not in the first one, when the
    /// attempt is not its last, or when there is no such transition. A property that is null leaves its column as it is.
    /// </summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="From">The state that it was in.</param>
    /// <param name="To">The state that it is in now.</param>
    /// <param name="Event">For the audit trail.</param>
    internal sealed record JobMoved(AttemptId Attempt, JobState From, JobState To, JobEvent Event) : Change
    {
        /// <summary>The agent that it is sent to.</summary>
        public string? Agent { get; init; }

        /// <summary>The folder of that agent.</summary>
        public string? Folder { get; init; }

        /// <summary>The number of its first process.</summary>
        public int? ProcessId { get; init; }

        /// <summary>When that started.</summary>
        public DateTimeOffset? StartedAt { get; init; }

        /// <summary>How it ended; given exactly when <see cref="To"/> is <see cref="JobState.Ended"/>.</summary>
        public AttemptEnd? End { get; init; }

        /// <summary>The job's revision from now on.</summary>
        public required long Revision { get; init; }
    }

    /// <summary>An array was accepted; its jobs follow in the same commit.</summary>
    /// <param name="Array">The array; its number is free.</param>
    internal sealed record ArraySubmitted(ArrayRow Array) : Change;

    /// <summary>What was asked of an array was changed, and of those of its jobs that wait. Those that do not are left out.</summary>
    /// <param name="Array">All of it, as it is now.</param>
    /// <param name="Jobs">Its jobs that wait.</param>
    internal sealed record ArrayAltered(ArrayRow Array, IReadOnlyList<JobAltered> Jobs) : Change
    {
        /// <summary>Once it is stored: those that were left out.</summary>
        public HashSet<JobId> LeftOut { get; } = [];
    }

    /// <summary>
    /// A job's last attempt ended and the next one waits: the job is queued again. Refused as <see cref="JobMoved"/> is.
    /// </summary>
    /// <param name="Attempt">The one that ended.</param>
    /// <param name="From">The state that it was in.</param>
    /// <param name="End">How it ended.</param>
    /// <param name="NotBefore">When the next one may start.</param>
    /// <param name="Event">For the audit trail; of the attempt that ended.</param>
    /// <param name="Revision">The job's revision from now on.</param>
    internal sealed record JobRetried(
        AttemptId Attempt, JobState From, AttemptEnd End, DateTimeOffset NotBefore, JobEvent Event, long Revision) : Change;

    /// <summary>What was asked of a job that waits was changed. Refused when it does not wait.</summary>
    /// <param name="Job">Which.</param>
    /// <param name="Spec">All of it, as it is now.</param>
    /// <param name="Event">For the audit trail.</param>
    /// <param name="Revision">The job's revision from now on.</param>
    internal sealed record JobAltered(JobId Job, JobSpec Spec, JobEvent Event, long Revision) : Change;

    /// <summary>A job's files are kept from now on, or not. Refused when their removal has begun.</summary>
    /// <param name="Job">Which.</param>
    /// <param name="IsPinned">Whether they are kept.</param>
    /// <param name="Event">For the audit trail.</param>
    /// <param name="Revision">The job's revision from now on.</param>
    internal sealed record JobPinned(JobId Job, bool IsPinned, JobEvent Event, long Revision) : Change;

    /// <summary>An agent is about to be asked to remove a job's files. Refused when they are pinned, or it has not ended.</summary>
    /// <param name="Job">Which.</param>
    /// <param name="At">When. Again: the last time counts.</param>
    internal sealed record PurgeBegun(JobId Job, DateTimeOffset At) : Change;

    /// <summary>A job's files were removed. Refused when it has not ended.</summary>
    /// <param name="Job">Which.</param>
    /// <param name="Event">For the audit trail.</param>
    /// <param name="Revision">The job's revision from now on.</param>
    internal sealed record JobPurged(JobId Job, JobEvent Event, long Revision) : Change;

    /// <summary>A request with an idempotency key was done, by the other changes of the commit. Refused when the key is taken.</summary>
    /// <param name="Answer">What it was answered with.</param>
    internal sealed record RequestAnswered(AnswerRow Answer) : Change;

    /// <summary>Answers are not needed any more.</summary>
    /// <param name="Before">Those that were given before this time.</param>
    internal sealed record AnswersForgotten(DateTimeOffset Before) : Change;

    /// <summary>Somebody asked to cancel a job. Replaces an earlier request; refused when the job has ended.</summary>
    /// <param name="Job">Which.</param>
    /// <param name="Attempt">Its last attempt.</param>
    /// <param name="Order">By whom, why, how gently.</param>
    /// <param name="Event">For the audit trail.</param>
    /// <param name="Revision">The job's revision from now on.</param>
    internal sealed record CancelRequested(JobId Job, int Attempt, StopOrder Order, JobEvent Event, long Revision) : Change;

    /// <summary>Somebody asked to cancel many jobs. Replaces earlier requests; those that have ended are left out.</summary>
    /// <param name="Requests">One a job; all with the same order.</param>
    internal sealed record ManyCancelRequested(IReadOnlyList<CancelRequested> Requests) : Change
    {
        /// <summary>Once it is stored: those that were left out.</summary>
        public HashSet<JobId> LeftOut { get; } = [];
    }

    /// <summary>Something happened to a job that changed nothing but the audit trail.</summary>
    /// <param name="Job">Which.</param>
    /// <param name="Event">What.</param>
    internal sealed record JobNoted(JobId Job, JobEvent Event) : Change;

    /// <summary>There is a new user. Refused when the name is taken.</summary>
    /// <param name="User">The user.</param>
    internal sealed record UserAdded(UserRow User) : Change;

    /// <summary>A token was issued. Refused when its user or agent is not known.</summary>
    /// <param name="Token">The token.</param>
    internal sealed record TokenIssued(TokenRow Token) : Change;

    /// <summary>A token is worth nothing any more. Nothing happens when it was so before, or is not known.</summary>
    /// <param name="Hash">Its hash.</param>
    /// <param name="At">When.</param>
    internal sealed record TokenRevoked(TokenHash Hash, DateTimeOffset At) : Change;

    /// <summary>An agent was made known, or connected, or was heard of: replaces what was known of it.</summary>
    /// <param name="Agent">All of it. User and site never change: refused when they differ.</param>
    internal sealed record AgentSeen(AgentRow Agent) : Change;
}
