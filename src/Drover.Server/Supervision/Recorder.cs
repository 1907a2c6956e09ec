using Drover.Server.Storage;
using Drover.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Supervision;

/// <summary>Puts on disk what has become of a job, however long the disk refuses.</summary>
internal sealed partial class Recorder(Store store, ILogger log, PresentCounts present)
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    private readonly JobTelemetry _telemetry = new(log, present);

    /// <summary>
    /// Returns when the changes are on disk. While the disk is full or the like it tries again, and the job's situation
    /// says so. Not canceled: what has happened is recorded.
    /// </summary>
    /// <exception cref="StorageException">The change contradicts what is stored: a bug.</exception>
    internal async Task RecordAsync(LiveJob job, params IReadOnlyList<Change> changes)
    {
        TimeSpan pause = s_firstPause;
        await Coroutine.YieldAsync(); // What others have to record in this turn goes to disk together with it.
        while (true)
        {
            try
            {
                await store.CommitAsync(changes);
                job.Trouble = null;
                _telemetry.Recorded(job, changes);
                return;
            }
            catch (StorageException e) when (e.Failure != StorageFailure.Refused)
            {
                if (job.Trouble is null)
                {
                    LogTrouble(job.Id, e.Message);
                }

                job.Trouble = $"cannot record what happened, trying again: {e.Message}";
            }

            await Coroutine.SleepAsync(pause, "until the database can be written");
            pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, s_longestPause.Ticks));
        }
    }

    /// <summary>These were put on disk together with others. The job is as it was before.</summary>
    internal void Recorded(LiveJob job, params IReadOnlyList<Change> changes) => _telemetry.Recorded(job, changes);

    [LoggerMessage(LogLevel.Error, "Job {Job} cannot be recorded, trying again: {Reason}")]
    private partial void LogTrouble(JobId job, string reason);
}
