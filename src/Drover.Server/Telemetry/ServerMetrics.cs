using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Drover.Server.Storage;

namespace Drover.Server.Telemetry;

/// <summary>The meter "Drover.Server". Nothing is measured while nobody listens. Names follow the OpenTelemetry conventions.</summary>
internal static class ServerMetrics
{
    private static readonly Meter s_meter = new("Drover.Server", ServerVersion.Text);

    /// <summary>Those of the servers that run in this process.</summary>
    private static readonly ConcurrentDictionary<PresentCounts, Watched> s_present = new();

    private static readonly Counter<long> s_submitted = s_meter.CreateCounter<long>(
        "drover.jobs.submitted", "{job}", "Jobs that were accepted.");

    private static readonly Counter<long> s_started = s_meter.CreateCounter<long>(
        "drover.attempts.started", "{attempt}", "Attempts whose process runs.");

    private static readonly Counter<long> s_ended = s_meter.CreateCounter<long>(
        "drover.attempts.ended", "{attempt}", "Attempts that have ended, by the kind of ending.");

    private static readonly Histogram<double> s_queued = s_meter.CreateHistogram<double>(
        "drover.attempt.queue.duration", "s", "How long attempts waited until they were sent to an agent.", advice: Buckets(0.01, 1e6));

    private static readonly Histogram<double> s_ran = s_meter.CreateHistogram<double>(
        "drover.attempt.run.duration", "s", "How long attempts ran.", advice: Buckets(0.01, 1e6));

    private static readonly Histogram<double> s_commits = s_meter.CreateHistogram<double>(
        "drover.store.commit.duration", "s", "How long it took until a group of changes was on disk.", advice: Buckets(1e-4, 10));

    private static readonly Histogram<long> s_changes = s_meter.CreateHistogram<long>(
        "drover.store.commit.changes", "{change}", "How many changes went to disk together.");

    private static readonly Histogram<double> s_lateness = s_meter.CreateHistogram<double>(
        "drover.loop.lateness", "s", "How much later than it was due a timer of the supervision loop fired.", advice: Buckets(1e-4, 10));

    static ServerMetrics()
    {
        s_meter.CreateObservableUpDownCounter(
            "drover.jobs",
            () => from present in s_present.Keys
                  from jobs in present.Jobs
                  group jobs.Count by (jobs.Site, jobs.State) into all
                  select new Measurement<long>(all.Sum(), State(all.Key.State), Site(all.Key.Site)),
            "{job}",
            "Jobs that have not ended, by state and site.");
        s_meter.CreateObservableUpDownCounter(
            "drover.agents.connected",
            () => from present in s_present.Keys
                  from agents in present.Agents
                  group agents.Count by agents.Site into all
                  select new Measurement<long>(all.Sum(), Site(all.Key)),
            "{agent}",
            "Agents that are connected, by site.");
    }

    /// <summary>Tells these counts to whoever asks, until the result is disposed.</summary>
    internal static IDisposable Watch(PresentCounts present) => s_present[present] = new Watched(present);

    /// <summary>A job was accepted.</summary>
    internal static void Submitted(JobInfo job) => s_submitted.Add(1, Site(job));

    /// <summary>An attempt goes to its agent.</summary>
    internal static void Dispatched(JobInfo job, TimeSpan waited) => s_queued.Record(Math.Max(0, waited.TotalSeconds), Site(job));

    /// <summary>Its process runs.</summary>
    internal static void Started(JobInfo job) => s_started.Add(1, Site(job));

    /// <summary>It has ended.</summary>
    internal static void Ended(JobInfo job, AttemptEnd end, DateTimeOffset? startedAt)
    {
        s_ended.Add(1, new KeyValuePair<string, object?>("ending", Columns.Word(end.Ending)), Site(job));
        if (startedAt is { } started)
        {
            s_ran.Record(Math.Max(0, (end.At - started).TotalSeconds), Site(job));
        }
    }

    /// <summary>When a commit begins, for <see cref="Committed"/>; 0 while nobody listens.</summary>
    internal static long CommitBegins() => s_commits.Enabled ? Stopwatch.GetTimestamp() : 0;

    /// <summary>Changes are on disk.</summary>
    internal static void Committed(long began, int changes)
    {
        if (began != 0)
        {
            s_commits.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
            s_changes.Record(changes);
        }
    }

    /// <summary>Measures the loop that it runs on, again and again, while somebody listens.</summary>
    internal static async Task WatchLoopAsync()
    {
        var pause = TimeSpan.FromSeconds(1);
        TimeProvider time = EventLoop.Current.Time;
        while (true)
        {
            long before = time.GetTimestamp();
            await Coroutine.SleepAsync(pause, "the next look at how late the loop is");
            s_lateness.Record(Math.Max(0, (time.GetElapsedTime(before) - pause).TotalSeconds));
        }
    }

    private static KeyValuePair<string, object?> State(JobState state) => new("state", Columns.Word(state));

    private static KeyValuePair<string, object?> Site(JobInfo job) => Site(job.Spec.Site);

    private static KeyValuePair<string, object?> Site(string name) => new("site", name);

    /// <summary>Three bounds a decade: 1, 2, 5.</summary>
    private static InstrumentAdvice<double> Buckets(double from, double to)
    {
        var bounds = new List<double>();
        for (double decade = from; decade <= to; decade *= 10)
        {
            bounds.AddRange([decade, 2 * decade, 5 * decade]);
        }

        return new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds };
    }

    private sealed class Watched(PresentCounts present) : IDisposable
    {
        public void Dispose() => s_present.TryRemove(present, out _);
    }
}
