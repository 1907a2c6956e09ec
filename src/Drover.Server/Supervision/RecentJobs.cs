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

    internal void Add(JobInfo job)
    {
        if (_oldestFirst.Count == Most)
        {
            _jobs.Remove(_oldestFirst.Dequeue());
        }

        _jobs.Add(job.Id, job);
        _oldestFirst.Enqueue(job.Id);
    }
}
