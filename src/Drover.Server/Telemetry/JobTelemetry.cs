using System.Diagnostics;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Telemetry;

/// <summary>
/// Tells of the facts of jobs' lives, once they are on disk: as spans, measurements and lines of the log. Each span is made
/// when it is over, below the span of the submit, which the database keeps: so a job of many days, over restarts of the
/// server, is one trace.
/// </summary>
internal sealed partial class JobTelemetry(ILogger log, PresentCounts present)
{
    /// <summary>The source of the server's spans.</summary>
    internal static ActivitySource Source { get; } = new("Drover.Server", ServerVersion.Text);

    /// <summary>These are on disk. The job is as it was before.</summary>
    internal void Recorded(LiveJob job, IReadOnlyList<Change> changes)
    {
        DateTimeOffset? started = job.Info.StartedAt; // A program that ends at once has its start and its end in one commit.
        foreach (Change change in changes)
        {
            started = (change as Change.JobMoved)?.StartedAt ?? started;
            switch (change)
            {
                case Change.JobMoved moved:
                    Moved(job, moved, started);
                    Log(job, moved.Event);
                    break;
                case Change.JobRetried(_, var from, var end, _, var happened, _):
                    Ended(job, end, happened.At, started);
                    present.Moved(job.Info, from, JobState.Queued);
                    (job.QueuedAt, job.DispatchedAt) = (happened.At, null);
                    Log(job, happened);
                    break;
                case Change.JobNoted(_, var happened):
                    Log(job, happened);
                    break;
            }
        }
    }

    private void Moved(LiveJob job, Change.JobMoved moved, DateTimeOffset? started)
    {
        present.Moved(job.Info, moved.From, moved.To);
        switch (moved.To)
        {
            case JobState.Starting when moved.From == JobState.Queued:
                job.DispatchedAt = moved.Event.At;
                ServerMetrics.Dispatched(job.Info, moved.Event.At - job.QueuedAt);
                Span("queued", job, job.QueuedAt, moved.Event.At)?.Dispose();
                break;
            case JobState.Running when moved.StartedAt is { } at:
                ServerMetrics.Started(job.Info);
                Span("start", job, job.DispatchedAt ?? at, at)?.Dispose();
                break;
            case JobState.Ended:
                Ended(job, moved.End!, moved.Event.At, started);
                break;
        }
    }

    private static void Ended(LiveJob job, AttemptEnd end, DateTimeOffset at, DateTimeOffset? started)
    {
        ServerMetrics.Ended(job.Info, end, started);
        using Activity? span = Span("end", job, at, TimeProvider.System.GetUtcNow());
        span?.SetTag("drover.ending", end.Ending.ToString());
        if (end.Ending is not Ending.Exited { Code: 0 })
        {
            span?.SetStatus(ActivityStatusCode.Error, end.Ending.ToString());
        }
    }

    private static Activity? Span(string name, LiveJob job, DateTimeOffset from, DateTimeOffset to)
    {
        JobInfo info = job.Info;
        if (!Source.HasListeners() || !ActivityContext.TryParse(info.TraceParent, null, isRemote: true, out ActivityContext parent))
        {
            return null;
        }

        KeyValuePair<string, object?>[] tags =
        [
            new("drover.job", info.Id.ToString()),
            new("drover.attempt", info.Attempt),
            new("drover.user", info.User),
            new("drover.site", info.Spec.Site),
        ];
        return Source.StartActivity(name, ActivityKind.Internal, parent, tags, startTime: from)
            ?.SetEndTime((to > from ? to : from.AddTicks(1)).UtcDateTime); // Clocks differ.
    }

    private void Log(LiveJob job, JobEvent happened)
    {
        if (log.IsEnabled(LogLevel.Debug))
        {
            LogFact(job.Id, happened.Attempt, job.Info.User, happened.Kind, happened.Cause);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Job {Job}, attempt {Attempt}, of {User}: {Kind}: {Cause}", SkipEnabledCheck = true)]
    private partial void LogFact(JobId job, int attempt, string user, JobEventKind kind, string cause);
}
