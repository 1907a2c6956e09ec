using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Client.Http;

namespace Drover.Client;

/// <summary>An array of jobs of a server, with what one can do with all of them.</summary>
/// <remarks>
/// Every verb throws <see cref="JobNotFoundException"/> when there is no such array or it is another user's, beside what
/// <see cref="DroverClient"/> says of all requests.
/// </remarks>
/// <param name="Client">The server and user.</param>
/// <param name="Id">The number of the array.</param>
public sealed record ArrayHandle(DroverClient Client, JobId Id)
{
    /// <summary>How long one request waits at the server.</summary>
    private static readonly TimeSpan s_longPoll = TimeSpan.FromSeconds(30);

    private string Path => $"api/v1/arrays/{Id}";

    /// <summary>The array now: how many of its jobs wait, run and have ended. Repeatable.</summary>
    public Task<ArrayInfo> GetAsync(CancellationToken cancellationToken = default) =>
        SendAsync(ApiRequest.Get(Path), ClientJson.Tolerant.ArrayInfo, cancellationToken);

    /// <summary>
    /// Waits until all its jobs have ended, also over restarts of the server, which it tries to reach again for
    /// <see cref="DroverClientOptions.ReconnectFor"/>. A canceled token ends the wait; the jobs go on. Repeatable.
    /// </summary>
    /// <returns>The array, which is over.</returns>
    public async Task<ArrayInfo> WaitAsync(CancellationToken cancellationToken = default)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"{Path}?waitSeconds={(int)s_longPoll.TotalSeconds}&until=ended");
        while (true)
        {
            ApiRequest request = ApiRequest.Get(path) with { Wait = s_longPoll, IsPatient = true };
            ArrayInfo array = await SendAsync(request, ClientJson.Tolerant.ArrayInfo, cancellationToken);
            if (array.IsOver)
            {
                return array;
            }
        }
    }

    /// <summary>
    /// Asks to end all its jobs. When this returns the request is on the server's disk; the jobs end later, and as what
    /// they truly were: <see cref="WaitAsync"/>. Those that have ended stay as they are. Repeatable: twice is as good as
    /// once.
    /// </summary>
    public Task<ArrayInfo> CancelAsync(CancelRequest? request = null, CancellationToken cancellationToken = default)
    {
        byte[]? json = request is null ? null : JsonSerializer.SerializeToUtf8Bytes(request, ProtocolJson.Default.CancelRequest);
        return SendAsync(ApiRequest.Post($"{Path}/cancel", json) with { IsRepeatable = true }, ClientJson.Tolerant.ArrayInfo, cancellationToken);
    }

    /// <summary>
    /// Changes those of its jobs that wait, all in one step: their priority, their time limit, whether they are held; and
    /// how many of its jobs may run at once. When this returns the change is on the server's disk. What runs goes on as it
    /// is. Repeatable: twice is as good as once.
    /// </summary>
    /// <exception cref="RequestRefusedException">
    /// None of its jobs waits any more (code <c>conflict</c>), or they cannot have that; nothing was changed.
    /// </exception>
    public Task<ArrayInfo> ChangeAsync(ArrayChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(changes, ProtocolJson.Default.ArrayChanges);
        return SendAsync(new ApiRequest(HttpMethod.Patch, Path) { Json = json }, ClientJson.Tolerant.ArrayInfo, cancellationToken);
    }

    /// <summary>What its jobs wait for, and how they ended, in groups. Repeatable.</summary>
    public Task<ArrayExplanation> ExplainAsync(CancellationToken cancellationToken = default) =>
        SendAsync(ApiRequest.Get($"{Path}/explanation"), ClientJson.Tolerant.ArrayExplanation, cancellationToken);

    /// <summary>One of its jobs, by its index. Asks the server for its number. Repeatable.</summary>
    public Task<JobHandle> JobAsync(int index, CancellationToken cancellationToken = default) =>
        Client.FindJobAsync(new JobRef(Id, index), cancellationToken);

    /// <summary>Some of its jobs, those with the highest indices first. Repeatable.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="before">Only those with a smaller number: <see cref="JobList.Next"/> of the list before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<JobList> ListJobsAsync(
        JobSelection selection = JobSelection.All, int limit = 50, JobId? before = null, CancellationToken cancellationToken = default)
    {
        JobQuery query = DroverClient.Query(selection) with { Array = Id };
        return SendAsync(query.Page(limit, before), ClientJson.Tolerant.JobList, cancellationToken);
    }

    /// <summary>All its jobs, those with the highest indices first, fetched page by page as they are enumerated. Repeatable.</summary>
    public async IAsyncEnumerable<JobInfo> ListAllJobsAsync(
        JobSelection selection = JobSelection.All, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        JobId? before = null;
        do
        {
            JobList page = await ListJobsAsync(selection, limit: 1000, before, cancellationToken);
            foreach (JobInfo job in page.Jobs)
            {
                yield return job;
            }

            before = page.Next;
        }
        while (before is not null);
    }

    /// <summary>The array's number.</summary>
    public override string ToString() => $"array {Id}";

    private async Task<T> SendAsync<T>(ApiRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await Client.Connection.SendAsync(request, type, cancellationToken);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw new JobNotFoundException(Id, e);
        }
    }
}
