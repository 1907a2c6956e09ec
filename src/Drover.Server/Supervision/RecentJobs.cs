namespace Drover.Server.Supervision;

/// <summary>
/// The jobs that ended last, as they were: whoever waited for an end asks about the job just then. Belongs to the
/// supervision loop.
/// </summary>
internal sealed class RecentJobs
{
    private const int Most = 1000;

    private readonly Dictionary<JobId, JobInfo> _jobs = [];
    private readonly Queue<JobId> _oldestFirst = new();

    internal JobInfo? Find(JobId id) => _jobs.GetValueOrDefault(id);

    /// <summary>What is known of it is not true any more: the database is asked again.</summary>
    internal void Remove(JobId id) => _jobs.Remove(id);

    internal void Add(JobInfo job)
    {
        if (_oldestFirst.Count == Most)
        {
            _jobs.Remove(_oldestFirst.Dequeue());
        }

        _jobs[job.Id] = job;
        _oldestFirst.Enqueue(job.Id);
    }
}
