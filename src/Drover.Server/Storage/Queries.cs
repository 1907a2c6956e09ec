using Dapper;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>The questions that the server asks its database. Blocking: on a thread of the store.</summary>
internal static class Queries
{
    private const string Jobs =
        """
        SELECT j.id, j.user, j.name, j.spec_json AS Spec, j.state, j.attempt, j.submitted_at, a.started_at,
               a.end_json AS End, a.agent, a.folder, a.process_id, j.cancel_json AS Cancel, j.revision
        FROM jobs j JOIN attempts a ON a.job = j.id AND a.number = j.attempt
        """;

    internal static string ServerId(SqliteConnection connection) =>
        connection.QuerySingle<string>("SELECT value FROM server WHERE key = 'id'");

    internal static long LastJobId(SqliteConnection connection) =>
        connection.ExecuteScalar<long?>("SELECT max(id) FROM jobs") ?? 0;

    internal static long LastEventSequence(SqliteConnection connection) =>
        connection.ExecuteScalar<long?>("SELECT max(sequence) FROM events") ?? 0;

    internal static IReadOnlyList<JobRow> Unfinished(SqliteConnection connection) =>
        connection.Query<JobRow>($"{Jobs} WHERE j.ended_at IS NULL ORDER BY j.id").AsList();

    internal static JobRow? Job(SqliteConnection connection, JobId id) =>
        connection.QuerySingleOrDefault<JobRow>($"{Jobs} WHERE j.id = $id", new { id = id.Value });

    internal static IReadOnlyList<JobRow> JobsBefore(SqliteConnection connection, string? user, JobGroup group, JobId? before, int limit) =>
        connection.Query<JobRow>(
            PageOfJobs(user is not null, group),
            new { before = before?.Value ?? long.MaxValue, user, limit }).AsList();

    /// <summary>The SQL of a page; each has an index of its own.</summary>
    internal static string PageOfJobs(bool ofUser, JobGroup group)
    {
        string inGroup = group switch
        {
            JobGroup.Unfinished => "AND j.ended_at IS NULL",
            JobGroup.Ended => "AND j.ended_at IS NOT NULL",
            _ => "",
        };
        return $"{Jobs} WHERE j.id < $before {(ofUser ? "AND j.user = $user" : "")} {inGroup} ORDER BY j.id DESC LIMIT $limit";
    }

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

    internal static IReadOnlyList<AgentRow> Agents(SqliteConnection connection) => connection.Query<AgentRow>(
        """
        SELECT name, user, site, folder, host, unix_user, process_id, version, driver, cpus, memory_bytes, limits, last_seen_at
        FROM agents ORDER BY name
        """).AsList();
}
