using Drover.Server.Configuration;
using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>Jobs and arrays that are accepted together, all or none: they get their numbers, and nobody knows of them yet.</summary>
/// <param name="caller">Who submits them.</param>
/// <param name="now">When.</param>
/// <param name="nextId">Gives the next number; they have to follow one another within an array.</param>
/// <param name="options">What is set about jobs.</param>
internal sealed class Submission(Caller caller, DateTimeOffset now, Func<JobId> nextId, JobOptions options)
{
    private readonly List<Change> _changes = [];
    private readonly List<LiveJob> _jobs = [];
    private readonly List<LiveArray> _arrays = [];

    /// <summary>What is to be stored.</summary>
    internal IReadOnlyList<Change> Changes => _changes;

    /// <summary>All jobs, those of arrays included.</summary>
    internal IReadOnlyList<LiveJob> Jobs => _jobs;

    /// <summary>The arrays.</summary>
    internal IReadOnlyList<LiveArray> Arrays => _arrays;

    /// <summary>Adds a job.</summary>
    /// <param name="spec">What it is, with its defaults.</param>
    /// <param name="part">What it is a part of, for the audit trail: <c>, as step 'a' of a workflow</c>.</param>
    internal LiveJob Add(JobSpec spec, string part = "") => Add(spec, array: null, index: 0, Cause(spec, part));

    /// <summary>Adds an array with its jobs.</summary>
    /// <param name="spec">What it is; its job with its defaults.</param>
    /// <param name="indices">Its indices, rising.</param>
    /// <param name="part">What it is a part of.</param>
    internal LiveArray Add(ArraySpec spec, int[] indices, string part = "")
    {
        var row = new ArrayRow
        {
            Id = nextId(),
            User = caller.User,
            Name = spec.Job.Name!,
            SubmittedAt = now,
            Count = indices.Length,
            Job = spec.Job,
            Indices = spec.Indices,
            AtOnce = spec.AtOnce,
        };
        var array = new LiveArray(new ArrayStanding(row, new ArrayCounts { Queued = indices.Length }, FirstFailure: null), indices, options.MostInLineOfArray);
        _arrays.Add(array);
        _changes.Add(new Change.ArraySubmitted(row));
        string cause = Cause(spec.Job, $", in array {row.Id}{part}");
        foreach (int index in indices)
        {
            array.Add(Add(spec.Job, array, index, cause));
        }

        return array;
    }

    private LiveJob Add(JobSpec spec, LiveArray? array, int index, string cause)
    {
        var info = new JobInfo
        {
            Id = nextId(),
            Name = spec.Name!,
            User = caller.User,
            Spec = spec,
            State = JobState.Queued,
            SubmittedAt = now,
            TraceParent = caller.TraceParent,
            Revision = (now - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
            Array = array is null ? null : new ArrayElement(array.Id, index),
        };
        _changes.Add(new Change.JobSubmitted(info.Store(), new JobEvent
        {
            Sequence = 0, // Given by the store.
            At = now,
            Attempt = info.Attempt,
            Kind = JobEventKind.Submitted,
            State = info.State,
            Actor = caller.User,
            Cause = cause,
        }));
        var job = new LiveJob(info, folder: null, cancel: null) { Array = array };
        _jobs.Add(job);
        return job;
    }

    private static string Cause(JobSpec spec, string part) => $"submitted to site '{spec.Site}'{part}";
}
