using System.Collections.Concurrent;
using Drover.Server.Supervision;

namespace Drover.Server.Telemetry;

/// <summary>
/// How many jobs and agents a server has at this moment. Kept whether anybody asks or not, so that whoever begins to ask
/// gets what is true. Any thread.
/// </summary>
internal sealed class PresentCounts
{
    private readonly ConcurrentDictionary<string, long[]> _jobs = new();
    private readonly ConcurrentDictionary<string, long[]> _agents = new();

    /// <summary>Unfinished jobs, by site and state.</summary>
    internal IEnumerable<(string Site, JobState State, long Count)> Jobs =>
        from site in _jobs
        from state in Enum.GetValues<JobState>()
        where !state.IsOver()
        select (site.Key, state, Volatile.Read(ref site.Value[(int)state]));

    /// <summary>Agents that are connected, by site.</summary>
    internal IEnumerable<(string Site, long Count)> Agents => _agents.Select(site => (site.Key, Volatile.Read(ref site.Value[0])));

    /// <summary>The server takes care of a job from now on.</summary>
    internal void Followed(JobInfo job) => Interlocked.Increment(ref CountsOf(job)[(int)job.State]);

    /// <summary>A job is in another state.</summary>
    internal void Moved(JobInfo job, JobState from, JobState to)
    {
        long[] counts = CountsOf(job);
        Interlocked.Decrement(ref counts[(int)from]);
        Interlocked.Increment(ref counts[(int)to]);
    }

    /// <summary>An agent is connected from now on, or not.</summary>
    internal void AgentConnects(bool isConnected, bool wasConnected, string site)
    {
        if (isConnected != wasConnected)
        {
            Interlocked.Add(ref _agents.GetOrAdd(site, static _ => new long[1])[0], isConnected ? 1 : -1);
        }
    }

    private long[] CountsOf(JobInfo job) => _jobs.GetOrAdd(job.Spec.Site, static _ => new long[Enum.GetValues<JobState>().Length]);
}
