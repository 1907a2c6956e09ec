using Dapper;
using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>What the server asks its database about arrays. Blocking: on a thread of the store.</summary>
internal static class ArrayQueries
{
    private const string Arrays = "SELECT id, user, name, submitted_at, count, job_json AS Job, altered_json AS Altered, indices, at_once FROM arrays";

    /// <summary>The last attempts of the jobs of some arrays.</summary>
    private const string LastAttempts =
        """
        FROM jobs j JOIN attempts a ON a.job = j.id AND a.number = j.attempt
        WHERE j.array IN (SELECT value FROM json_each($ids))
        """;

    private const string IsSuccess =
        "coalesce(json_extract(a.end_json, '$.ending.kind') = 'exited' AND json_extract(a.end_json, '$.ending.code') = 0, 0)";

    internal static ArrayRow? Find(SqliteConnection connection, JobId id) =>
        connection.QuerySingleOrDefault<ArrayRow>($"{Arrays} WHERE id = $id", new { id = id.Value });

    /// <summary>The arrays with jobs that have not ended.</summary>
    internal static IReadOnlyList<JobId> Unfinished(SqliteConnection connection) =>
        connection.Query<JobId>("SELECT DISTINCT +array FROM jobs INDEXED BY jobs_unfinished WHERE ended_at IS NULL AND array IS NOT NULL").AsList();

    /// <summary>Those of these arrays that there are.</summary>
    internal static IReadOnlyList<ArrayStanding> Standings(SqliteConnection connection, IReadOnlyCollection<JobId> ids)
    {
        if (ids.Count == 0)
        {
            return [];
        }

        var wanted = new { ids = Columns.Json(ids) };
        var counts = connection.Query<(JobId Array, string State, bool IsSuccess, int Count)>(
            $"SELECT j.array, j.state, {IsSuccess}, count(*) {LastAttempts} GROUP BY 1, 2, 3", wanted)
            .ToLookup(row => row.Array);

        // One row for each kind of failure. With min() the other columns are those of its row: https://sqlite.org/lang_select.html#bareagg.
        var failures = connection.Query<(JobId Array, long First, int Index, AttemptEnd End)>(
            $"""
            SELECT j.array, min(j.id), j.array_index, a.end_json {LastAttempts} AND j.ended_at IS NOT NULL AND NOT {IsSuccess}
            GROUP BY j.array, j.ending, json_extract(a.end_json, '$.ending.code'), json_extract(a.end_json, '$.ending.number')
            """,
            wanted).ToLookup(row => row.Array);
        return [.. connection.Query<ArrayRow>($"{Arrays} WHERE id IN (SELECT value FROM json_each($ids))", wanted)
            .Select(array => new ArrayStanding(
                array,
                counts[array.Id].Aggregate(
                    default(ArrayCounts), (sum, row) => sum.Plus(Enum.Parse<JobState>(row.State, ignoreCase: true), row.IsSuccess, row.Count)),
                failures[array.Id].OrderBy(row => row.First).Select(row => new ArrayFailure(row.Index, row.End.Ending)).FirstOrDefault())
            {
                ExitCode = failures[array.Id].Select(row => row.End.Ending.ExitCode).DefaultIfEmpty().Max(),
            })];
    }

    /// <summary>How those jobs of an array ended that have: groups, the largest first, with some of each.</summary>
    internal static IReadOnlyList<ArrayEndingRow> Endings(SqliteConnection connection, JobId array, int examples) =>
        [.. connection.Query<(int Count, int Nth, int Index, AttemptEnd End)>(
            $"""
            SELECT of_kind, nth, array_index, end_json FROM (
                SELECT count(*) OVER kinds AS of_kind, row_number() OVER (kinds ORDER BY j.id) AS nth, min(j.id) OVER kinds AS first,
                    j.array_index, a.end_json
                {LastAttempts} AND j.ended_at IS NOT NULL
                WINDOW kinds AS (
                    PARTITION BY j.ending, json_extract(a.end_json, '$.ending.code'), json_extract(a.end_json, '$.ending.number')))
            WHERE nth <= $examples ORDER BY of_kind DESC, first, nth
            """,
            new { ids = Columns.Json([array]), examples })
            .Aggregate(
                new List<ArrayEndingRow>(),
                (groups, row) =>
                {
                    if (row.Nth == 1)
                    {
                        groups.Add(new ArrayEndingRow(row.End.Ending, row.Count, [row.Index]));
                    }
                    else
                    {
                        groups[^1] = groups[^1] with { Examples = [.. groups[^1].Examples, row.Index] };
                    }

                    return groups;
                })];
}
