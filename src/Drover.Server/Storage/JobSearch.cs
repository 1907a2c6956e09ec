using Dapper;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>
/// Finds jobs by what no index has. A page walks along an index and looks at a bounded number of jobs: however few of a
/// million fit, a request takes its milliseconds, and the next one goes on where it stopped. Blocking: on a thread of the
/// store.
/// </summary>
internal static class JobSearch
{
    /// <summary>How many jobs one page looks at.</summary>
    internal const int LookedAt = 10_000;

    /// <summary>One page.</summary>
    internal static JobPage Page(SqliteConnection connection, JobFilter filter, JobId? before, int limit)
    {
        if (filter.IsByPriority)
        {
            return PrioritySearch.Page(connection, filter, before, limit);
        }

        if (!filter.NeedsLook && !filter.IsByEnd)
        {
            IReadOnlyList<JobRow> plain = Queries.JobsBefore(connection, filter.User, filter.Group, filter.Array, before, limit + 1);
            return Cut(plain, limit, floor: null);
        }

        long? beforeEnd = filter.IsByEnd && before is { } last
            ? connection.QuerySingleOrDefault<long?>("SELECT ended_at FROM jobs WHERE id = $id", new { id = last.Value })
            : null;
        var values = new DynamicParameters(new
        {
            user = filter.User,
            array = filter.Array?.Value,
            state = filter.State is { } state ? Columns.Word(state) : null,
            ending = filter.Ending,
            site = filter.Site,
            name = Pattern(filter),
            before = before?.Value ?? long.MaxValue,
            before_end = beforeEnd ?? long.MaxValue,
            limit = limit + 1,
            looked_at = LookedAt - 1,
        });
        (long Id, long? End) floor = connection.QuerySingleOrDefault<(long, long?)>(Floor(filter), values);
        values.Add("floor", floor.Id);
        values.Add("floor_end", floor.End ?? 0);
        return Cut(connection.Query<JobRow>(Rows(filter), values).AsList(), limit, floor.Id == 0 ? null : new JobId(floor.Id));
    }

    /// <summary>The SQL for the last job that a page looks at, when there are so many.</summary>
    internal static string Floor(JobFilter filter) => $"SELECT j.id, j.ended_at FROM jobs j {Walk(filter)} LIMIT 1 OFFSET $looked_at";

    /// <summary>The SQL of a page, down to the last job that it looks at.</summary>
    internal static string Rows(JobFilter filter)
    {
        string floor = filter.IsByEnd ? "AND (j.ended_at, j.id) >= ($floor_end, $floor)" : "AND j.id >= $floor";
        return $"{Queries.Jobs} {Walk(filter, floor + Look(filter))} LIMIT $limit";
    }

    /// <summary>The pattern of names, as SQL has it.</summary>
    internal static string? Pattern(JobFilter filter) => filter.Name?.Replace("[", "[[]", StringComparison.Ordinal);

    /// <summary>What each job is looked at for.</summary>
    internal static string Look(JobFilter filter) =>
        (filter.State is null ? "" : " AND j.state = $state") + (filter.Ending is null ? "" : " AND j.ending = $ending")
        + (filter.Site is null ? "" : " AND j.site = $site") + (filter.Name is null ? "" : " AND j.name GLOB $name");

    /// <summary>What a page walks along, and in which order.</summary>
    private static string Walk(JobFilter filter, string also = "")
    {
        string ofUser = filter.User is null ? "" : "AND j.user = $user";
        string ofArray = filter.Array is null ? "" : "AND j.id > $array AND +j.array = $array";
        string inGroup = filter.Group switch
        {
            JobGroup.Unfinished => "AND j.ended_at IS NULL",
            JobGroup.Ended => "AND j.ended_at IS NOT NULL",
            _ => "",
        };
        return filter.IsByEnd
            ? $"WHERE j.ended_at IS NOT NULL AND (j.ended_at, j.id) < ($before_end, $before) {ofUser} {ofArray} {also} ORDER BY j.ended_at DESC, j.id DESC"
            : $"WHERE j.id < $before {ofUser} {inGroup} {ofArray} {also} ORDER BY j.id DESC";
    }

    /// <summary>A page of rows of which one more than fit were asked for.</summary>
    internal static JobPage Cut(IReadOnlyList<JobRow> rows, int limit, JobId? floor) =>
        rows.Count > limit ? new JobPage([.. rows.Take(limit)], rows[limit - 1].Id) : new JobPage(rows, floor);
}
