using Dapper;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>
/// Finds unfinished jobs in the order of their priorities, a page at a time. Each user's are in an index in this order; those
/// of all users are merged. Like <see cref="JobSearch"/> it looks at a bounded number of jobs. Blocking: on a thread of the
/// store.
/// </summary>
internal static class PrioritySearch
{
    /// <summary>
    /// The SQL of one user's jobs behind one of them, from an index alone. In two halves, since no index has an order that
    /// falls and then rises.
    /// </summary>
    internal const string Next =
        """
        SELECT * FROM (SELECT priority, id FROM jobs INDEXED BY jobs_of_user_by_priority
            WHERE ended_at IS NULL AND user = $user AND priority = $priority AND id > $before ORDER BY id LIMIT $limit)
        UNION ALL
        SELECT * FROM (SELECT priority, id FROM jobs INDEXED BY jobs_of_user_by_priority
            WHERE ended_at IS NULL AND user = $user AND priority < $priority ORDER BY priority DESC, id LIMIT $limit)
        LIMIT $limit
        """;

    /// <summary>One page. As a rule the first few that are looked at fill it; more are looked at while they do not.</summary>
    internal static JobPage Page(SqliteConnection connection, JobFilter filter, JobId? before, int limit)
    {
        string[] users = filter.User is { } user ? [user] : [.. Queries.Users(connection).Select(row => row.Name)];
        (int Priority, long Id)? place = before is { } last
            ? (connection.QuerySingleOrDefault<int>("SELECT priority FROM jobs WHERE id = $id", new { id = last.Value }), last.Value)
            : (int.MaxValue, 0);
        var rows = new List<JobRow>();
        int left = Math.Max(limit + 1, JobSearch.LookedAt / Math.Max(1, users.Length));
        for (int most = limit + 1; place is { } from && rows.Count <= limit && left > 0; most = Math.Min(4 * most, left))
        {
            left -= most;
            (List<long> candidates, place) = Candidates(connection, users, from, most);
            rows.AddRange(Rows(connection, filter, candidates, limit + 1 - rows.Count));
        }

        return JobSearch.Cut(rows, limit, place is { } end ? new JobId(end.Id) : null);
    }

    /// <summary>The next jobs of some users, so many of each, and how far they have been looked at; null when that is all.</summary>
    private static (List<long> Jobs, (int Priority, long Id)? UpTo) Candidates(
        SqliteConnection connection, string[] users, (int Priority, long Id) from, int most)
    {
        (int Priority, long Id)? upTo = null;
        var found = new List<(int Priority, long Id)>();
        foreach (string user in users)
        {
            List<(int Priority, long Id)> ofUser = connection.Query<(int, long)>(
                Next, new { user, priority = from.Priority, before = from.Id, limit = most }).AsList();
            if (ofUser.Count == most && (upTo is null || Order(ofUser[^1], upTo.Value) < 0))
            {
                upTo = ofUser[^1]; // What comes behind it has not been looked at.
            }

            found.AddRange(ofUser);
        }

        return ([.. found.Where(job => upTo is null || Order(job, upTo.Value) <= 0).Select(job => job.Id)], upTo);
    }

    private static List<JobRow> Rows(SqliteConnection connection, JobFilter filter, IEnumerable<long> candidates, int limit) =>
        connection.Query<JobRow>(
            $"""
            {Queries.Jobs} WHERE j.id IN (SELECT value FROM json_each($candidates)) AND j.ended_at IS NULL
                {(filter.Array is null ? "" : "AND j.array = $array")} {JobSearch.Look(filter)}
            ORDER BY j.priority DESC, j.id LIMIT $limit
            """,
            new
            {
                candidates = $"[{string.Join(',', candidates)}]",
                array = filter.Array?.Value,
                state = filter.State is { } state ? Columns.Word(state) : null,
                ending = filter.Ending,
                site = filter.Site,
                name = JobSearch.Pattern(filter),
                limit,
            }).AsList();

    private static int Order((int Priority, long Id) job, (int Priority, long Id) other) =>
        (-job.Priority, job.Id).CompareTo((-other.Priority, other.Id));
}
