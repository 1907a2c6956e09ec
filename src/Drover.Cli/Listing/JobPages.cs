using System.Text.Json;
using Drover.Client.Http;

namespace Drover.Cli.Listing;

/// <summary>Fetches jobs page by page, with the jobs of an array as one row.</summary>
/// <param name="client">The server.</param>
/// <param name="isFolded">Whether arrays are one row; otherwise each of their jobs is. Only of jobs in the order of their numbers.</param>
internal sealed class JobPages(DroverClient client, bool isFolded)
{
    private const int PageSize = 200;

    private readonly Dictionary<long, ListRow.OfArray> _arrays = [];

    /// <summary>Fetches so many rows, or all; and whether there are more.</summary>
    public async Task<ListRows> FetchAsync(JobQuery query, int limit)
    {
        var rows = new List<ListRow>();
        JobId? before = null;
        do
        {
            ApiRequest request = query.Page(Math.Min(PageSize, limit - rows.Count), before);
            JobPage page = await SendAsync(request, JobRows.ReadPage);
            before = page.Next;
            foreach (ListRow.OfJob row in page.Jobs)
            {
                if (!isFolded || row.Job.Array is not { } element)
                {
                    rows.Add(row);
                }
                else if (!_arrays.ContainsKey(element.Array.Value))
                {
                    ListRow.OfArray folded = await SendAsync(ApiRequest.Get($"api/v1/arrays/{element.Array}"), JobRows.ReadArray);
                    _arrays.Add(element.Array.Value, folded);
                    rows.Add(folded);
                }
            }

            if (before is not null && page.Jobs is [.., { Job.Array: { } last }] && _arrays.TryGetValue(last.Array.Value, out ListRow.OfArray? known))
            {
                // The rest of the array is in its row: its jobs have numbers in a row, from the first on.
                before = known.Array.FirstJob < before ? known.Array.FirstJob : before;
            }
        }
        while (before is not null && rows.Count < limit);
        return new ListRows(rows, before is not null);
    }

    private async Task<T> SendAsync<T>(ApiRequest request, Func<ReadOnlyMemory<byte>, T> read)
    {
        byte[] answer = await client.Connection.SendForBytesAsync(request, CancellationToken.None);
        try
        {
            return read(answer);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw client.Connection.NotDrover(e);
        }
    }
}
