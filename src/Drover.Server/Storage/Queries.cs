using Dapper;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>The questions that the server asks its database. Blocking: on a thread of the store.</summary>
internal static class Queries
{
    /// <summary>The SQL of jobs, without saying which.</summary>
    internal const string Jobs =
        """
        SELECT j.id, j.user, j.name, coalesce(j.spec_json, (SELECT r.job_json FROM arrays r WHERE r.id = j.array)) AS Spec, j.state, j.attempt, j.submitted_at, a.started_at,
               a.end_json AS End, a.agent, a.folder, a.process_id, j.cancel_json AS Cancel, j.revision, j.pinned AS IsPinned,
               j.array, j.array_index, j.not_before, j.purge_at, j.fingerprint, j.trace_parent
        FROM jobs j JOIN attempts a ON a.job = j.id AND a.number = j.attempt
        """;

    internal static string ServerId(SqliteConnection connection) =>
        connection.QuerySingle<string>("SELECT value FROM server WHERE key = 'id'");

    internal static long LastJobId(SqliteConnection connection) =>
        connection.ExecuteScalar<long?>("SELECT max(id) FROM (SELECT max(id) AS id FROM jobs UNION ALL SELECT max(id) FROM arrays)") ?? 0;

    internal static long LastEventSequence(SqliteConnection connection) =>
        connection.ExecuteScalar<long?>("SELECT max(sequence) FROM events") ?? 0;

    internal static IReadOnlyList<JobRow> Unfinished(SqliteConnection connection) =>
        connection.Query<JobRow>($"{Jobs} WHERE j.ended_at IS NULL ORDER BY j.id").AsList();

    internal static JobRow? Job(SqliteConnection connection, JobId id) =>
        connection.QuerySingleOrDefault<JobRow>($"{Jobs} WHERE j.id = $id", new { id = id.Value });

    /// <summary>Whose the jobs and arrays with these numbers are; of those that there are.</summary>
    internal static IReadOnlyDictionary<JobId, string> Owners(SqliteConnection connection, IEnumerable<JobId> ids) =>
        connection.Query<(JobId Id, string User)>(
            """
            SELECT id, user FROM jobs WHERE id IN (SELECT value FROM json_each($ids))
            UNION ALL SELECT id, user FROM arrays WHERE id IN (SELECT value FROM json_each($ids))
            """,
            new { ids = Columns.Json(ids) }).ToDictionary(row => row.Id, row => row.User);

    internal static IReadOnlyList<JobRow> JobsBefore(
        SqliteConnection connection, string? user, JobGroup group, JobId? array, JobId? before, int limit) =>
        connection.Query<JobRow>(
            PageOfJobs(user is not null, group, array is not null),
            new
            {
                // The jobs of an array follow its number: no others are looked at.
                before = Math.Min(before?.Value ?? long.MaxValue, array?.Value + ArrayIndices.Most + 1 ?? long.MaxValue),
                user,
                array = array?.Value,
                limit,
            }).AsList();

    /// <summary>The SQL of a page; each has an index of its own, and those of an array are together.</summary>
    internal static string PageOfJobs(bool ofUser, JobGroup group, bool ofArray)
    {
        string inGroup = group switch
        {
            JobGroup.Unfinished => "AND j.ended_at IS NULL",
            JobGroup.Ended => "AND j.ended_at IS NOT NULL",
            _ => "",
        };
        string inArray = ofArray ? "AND j.id > $array AND +j.array = $array" : "";
        return $"{Jobs} WHERE j.id < $before {(ofUser ? "AND j.user = $user" : "")} {inGroup} {inArray} ORDER BY j.id DESC LIMIT $limit";
    }

    /// <summary>Every attempt of a job, oldest first.</summary>
    internal static IReadOnlyList<AttemptInfo> Attempts(SqliteConnection connection, JobId job) => connection.Query<AttemptInfo>(
        """
        SELECT number, state, agent, process_id, started_at, end_json AS End FROM attempts WHERE job = $job ORDER BY number
        """,
        new { job = job.Value }).AsList();

    /// <summary>The newest job that succeeded with this fingerprint and still has its files; null when there is none.</summary>
    internal static JobRow? Reusable(SqliteConnection connection, string user, string fingerprint) =>
        connection.QueryFirstOrDefault<JobRow>(
            $"""
            {Jobs} WHERE j.user = $user AND j.fingerprint = $fingerprint AND j.state = 'ended' AND j.purge_at IS NULL
                AND json_extract(a.end_json, '$.ending.kind') = 'exited' AND json_extract(a.end_json, '$.ending.code') = 0
            ORDER BY j.id DESC LIMIT 1
            """,
            new { user, fingerprint });

    internal static AnswerRow? Answer(SqliteConnection connection, string user, string key) =>
        connection.QuerySingleOrDefault<AnswerRow>(
            "SELECT user, key, request_hash, answered_at, answer_json FROM answers WHERE user = $user AND key = $key", new { user, key });

    /// <summary>
    /// Jobs with run directories of their own whose files may go: ended before a time, not pinned, the oldest first.
    /// </summary>
    /// <param name="connection">Where.</param>
    /// <param name="before">The time.</param>
    /// <param name="endedAt">Only those that ended after this time, or at it with a greater number.</param>
    /// <param name="id">That number.</param>
    /// <param name="limit">At most so many.</param>
    internal static IReadOnlyList<PurgeableRow> Purgeable(
        SqliteConnection connection, DateTimeOffset before, DateTimeOffset endedAt, JobId id, int limit) =>
        connection.Query<PurgeableRow>(
            PageOfPurgeable,
            new { before = Columns.Microseconds(before), endedAt = Columns.Microseconds(endedAt), id = id.Value, limit }).AsList();

    /// <summary>The SQL of <see cref="Purgeable"/>: no job is looked at that is not in it.</summary>
    internal const string PageOfPurgeable =
        """
        SELECT j.id, j.user, j.site, j.attempt, j.revision, j.ended_at,
            (SELECT a.folder FROM attempts a WHERE a.job = j.id AND a.folder IS NOT NULL ORDER BY a.number DESC LIMIT 1) AS folder
        FROM jobs j
        WHERE j.state = 'ended' AND j.pinned = 0 AND j.run_directory IS NULL
            AND j.ended_at < $before AND (j.ended_at, j.id) > ($endedAt, $id)
        ORDER BY j.ended_at, j.id LIMIT $limit
        """;

    /// <summary>What happened to all jobs, or to one, or to those of one user, in a part of the audit trail; oldest first.</summary>
    /// <param name="connection">Where.</param>
    /// <param name="user">Whose; null for everybody's.</param>
    /// <param name="job">Only of this job; null for all.</param>
    /// <param name="after">The sequence of the event before the first.</param>
    /// <param name="upTo">The last sequence: bounds how much is looked through for a user who has little in it.</param>
    /// <param name="limit">At most so many.</param>
    internal static IReadOnlyList<JobEventRow> EventsAfter(
        SqliteConnection connection, string? user, JobId? job, long after, long upTo, int limit) =>
        connection.Query<JobEventRow>(PageOfEvents(user is not null, job is not null), new { user, job = job?.Value, after, upTo, limit }).AsList();

    /// <summary>The SQL of a page of events.</summary>
    internal static string PageOfEvents(bool ofUser, bool ofJob) =>
        $"""
        SELECT e.job, j.user, e.sequence, e.at, e.attempt, e.kind, e.state, e.actor, e.cause, e.evidence
        FROM events e CROSS JOIN jobs j
        WHERE j.id = e.job AND e.sequence > $after AND e.sequence <= $upTo {(ofJob ? "AND e.job = $job" : "")} {(ofUser ? "AND j.user = $user" : "")}
        ORDER BY e.sequence LIMIT $limit
        """;

    internal static IReadOnlyList<JobEvent> Events(SqliteConnection connection, JobId job) => connection.Query<JobEvent>(
        """
        SELECT sequence, at, attempt, kind, state, actor, cause, evidence
        FROM events WHERE job = $job ORDER BY sequence
        """,
        new { job = job.Value }).AsList();

    internal static IReadOnlyList<UserRow> Users(SqliteConnection connection) =>
        connection.Query<UserRow>("SELECT name, is_admin, created_at FROM users ORDER BY name").AsList();

    internal static UserRow? User(SqliteConnection connection, string name) => connection.QuerySingleOrDefault<UserRow>(
        "SELECT name, is_admin, created_at FROM users WHERE name = $name", new { name });

    internal static TokenRow? Token(SqliteConnection connection, TokenHash hash, DateTimeOffset now) =>
        connection.QuerySingleOrDefault<TokenRow>(
            """
            SELECT hash, kind, user, site, agent, created_at, expires_at FROM tokens
            WHERE hash = $hash AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $now)
            """,
            new { hash = hash.Hex, now = Columns.Microseconds(now) });

    /// <summary>The tokens that are worth something now, of one user or of all, oldest first.</summary>
    internal static IReadOnlyList<TokenRow> Tokens(SqliteConnection connection, string? user, DateTimeOffset now) =>
        connection.Query<TokenRow>(
            """
            SELECT hash, kind, user, site, agent, created_at, expires_at FROM tokens
            WHERE ($user IS NULL OR user = $user) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $now)
            ORDER BY created_at, hash
            """,
            new { user, now = Columns.Microseconds(now) }).AsList();

    internal static IReadOnlyList<AgentRow> Agents(SqliteConnection connection) => connection.Query<AgentRow>(
        """
        SELECT name, user, site, folder, host, unix_user, process_id, version, driver, cpus, memory_bytes, limits, last_seen_at
        FROM agents ORDER BY name
        """).AsList();
}
