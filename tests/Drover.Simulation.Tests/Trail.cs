using Drover.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Simulation.Tests;

/// <summary>The audit trail, replayed as it grows: after each commit it has to give what the jobs are.</summary>
internal sealed class Trail(World world) : IDisposable
{
    private static readonly Dictionary<string, JobState> s_states = Enum.GetValues<JobState>().ToDictionary(state => state.ToString(), StringComparer.OrdinalIgnoreCase);
    private static readonly Dictionary<string, JobEventKind> s_kinds = Enum.GetValues<JobEventKind>().ToDictionary(kind => kind.ToString(), StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<JobId, Standing> _jobs = [];
    private readonly Dictionary<JobId, (JobState State, int Attempt)> _touched = [];
    private readonly SqliteCommand _grown = new(
        """
        SELECT e.sequence, e.job, e.attempt, e.kind, e.state, j.state, j.attempt
        FROM events e CROSS JOIN jobs j
        WHERE j.id = e.job AND e.sequence > $after ORDER BY e.sequence
        """,
        world.Database.Connection)
    { Parameters = { new SqliteParameter("$after", SqliteType.Integer) } };

    private long _last;

    /// <summary>Whether the end of a job is on disk.</summary>
    internal bool IsOver(JobId job) => _jobs.TryGetValue(job, out Standing? standing) && standing.State is JobState.Ended or JobState.Purged;

    /// <summary>Whether one line of a job's trail may follow the other.</summary>
    internal static bool IsStep(JobState from, JobState to, JobEventKind kind) =>
        from == to || kind == JobEventKind.Retried || (from is JobState.Queued && to is JobState.Starting or JobState.Ended)
        || (from is JobState.Starting && to is JobState.Running or JobState.Unknown or JobState.Ended)
        || (from is JobState.Running && to is JobState.Unknown or JobState.Ended)
        || (from is JobState.Unknown && to is JobState.Starting or JobState.Running or JobState.Ended)
        || (from, to, kind) is (JobState.Ended, JobState.Purged, JobEventKind.Purged);

    /// <summary>Something was stored: its lines have the next numbers, and lead to what is stored of their jobs.</summary>
    internal void Grow()
    {
        _touched.Clear();
        _grown.Parameters[0].Value = _last;
        using (SqliteDataReader rows = _grown.ExecuteReader())
        {
            while (rows.Read())
            {
                var line = new Line(
                    rows.GetInt64(0), new JobId(rows.GetInt64(1)), rows.GetInt32(2), s_kinds[rows.GetString(3)], s_states[rows.GetString(4)]);
                _touched[line.Job] = (s_states[rows.GetString(5)], rows.GetInt32(6));
                if (line.Sequence != ++_last)
                {
                    world.Broken($"event {line.Sequence} of the audit trail should be number {_last}");
                }

                Replay(line);
            }
        }

        foreach ((JobId job, (JobState state, int attempt)) in _touched)
        {
            Standing standing = _jobs[job];
            if (state != standing.State || attempt != standing.Attempt)
            {
                world.Broken($"job {job} is {state} at attempt {attempt}, and its audit trail leads to {standing.State} at attempt {standing.Attempt}");
            }
        }
    }

    public void Dispose() => _grown.Dispose();

    private void Replay(Line line)
    {
        if (!_jobs.TryGetValue(line.Job, out Standing? standing))
        {
            if (line.Kind != JobEventKind.Submitted)
            {
                world.Broken($"the audit trail of job {line.Job} does not begin with its submission");
            }

            _jobs.Add(line.Job, new Standing { State = line.State });
            return;
        }

        if (line.Kind == JobEventKind.Submitted || !IsStep(standing.State, line.State, line.Kind))
        {
            world.Broken($"the audit trail of job {line.Job} goes from {standing.State} to {line.State}: {line.Kind}");
        }

        if (line.Kind is JobEventKind.Ended or JobEventKind.Retried
            && (line.Attempt != standing.Attempt || standing.State is JobState.Ended or JobState.Purged))
        {
            world.Broken($"the audit trail ends attempt {line.Attempt} of job {line.Job}, which is {standing.State} at attempt {standing.Attempt}");
        }

        standing.State = line.State;
        standing.Attempt += line.Kind == JobEventKind.Retried ? 1 : 0;
        if (line.Kind is JobEventKind.Held or JobEventKind.Released
            && Queries.Job(world.Database.Connection, line.Job)!.Spec.Hold != (line.Kind == JobEventKind.Held))
        {
            world.Broken($"the audit trail of job {line.Job} says that it is {line.Kind}, and it is not");
        }
    }

    private sealed class Standing
    {
        internal JobState State { get; set; }

        internal int Attempt { get; set; } = 1;
    }

    /// <summary>A line of the trail, as far as it is replayed.</summary>
    private readonly record struct Line(long Sequence, JobId Job, int Attempt, JobEventKind Kind, JobState State);
}
