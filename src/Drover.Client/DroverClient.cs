using System.Runtime.CompilerServices;
using System.Text.Json;
using Drover.Client.Http;

namespace Drover.Client;

/// <summary>A Drover server, as one of its users. May be used from several threads at once.</summary>
/// <remarks>
/// Nothing here blocks; every method waits for the server's answer. A canceled token ends the wait with
/// <see cref="OperationCanceledException"/>; a request that the server has already begun may still be done. Reading
/// requests are repeated while the server cannot be reached, for <see cref="DroverClientOptions.RetryFor"/>, and so are
/// those that change something and say so; the others only when they cannot have reached the server. Every method throws
/// <see cref="ServerUnreachableException"/>, <see cref="UnauthorizedException"/>, <see cref="RequestRefusedException"/> and
/// <see cref="UnexpectedAnswerException"/>, all of them <see cref="DroverException"/>.
/// </remarks>
public sealed partial class DroverClient : IDisposable
{
    /// <summary>Makes a client. No connection is opened yet.</summary>
    public DroverClient(DroverClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Connection = new ApiConnection(options);
    }

    /// <summary>What it was made with.</summary>
    public DroverClientOptions Options => Connection.Options;

    internal ApiConnection Connection { get; }

    /// <summary>What the server says of itself, and as whom it sees this client. Repeatable.</summary>
    public Task<ServerInfo> GetServerAsync(CancellationToken cancellationToken = default) =>
        Connection.SendAsync(ApiRequest.Get("api/v1/server"), ClientJson.Tolerant.ServerInfo, cancellationToken);

    /// <summary>
    /// Submits a job. When this returns the job is on the server's disk. Repeatable: an idempotency key sees to it that
    /// there is one job, however often it is sent. <see cref="JobInfo.IsReused"/> tells whether the answer is an earlier
    /// job, whose result is given back.
    /// </summary>
    /// <exception cref="RequestRefusedException">
    /// What is asked for cannot be had; nothing was changed. With <c>inputsMissing</c> its inputs are not there, perhaps
    /// because the server was killed before they were on its disk: upload them again.
    /// </exception>
    public Task<JobInfo> SubmitAsync(JobSpec spec, SubmitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(spec, ProtocolJson.Default.JobSpec);
        return Connection.SendAsync(ApiRequest.Submit("api/v1/jobs", json, options, spec.Inputs is not null), ClientJson.Tolerant.JobInfo, cancellationToken);
    }

    /// <summary>
    /// Submits several jobs, at most 10,000 and 16 MiB: all of them, or none. They get their numbers in this order. When
    /// this returns they are on the server's disk. Repeatable, as
    /// <see cref="SubmitAsync(JobSpec, SubmitOptions?, CancellationToken)"/>.
    /// </summary>
    /// <exception cref="RequestRefusedException">One of them cannot be had; nothing was changed.</exception>
    public async Task<IReadOnlyList<JobInfo>> SubmitAsync(
        IReadOnlyList<JobSpec> specs, SubmitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(specs);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new JobBatch { Jobs = specs }, ProtocolJson.Default.JobBatch);
        JobList accepted = await Connection.SendAsync(
            ApiRequest.Submit("api/v1/jobs/batch", json, options, specs.Any(spec => spec?.Inputs is not null)), ClientJson.Tolerant.JobList, cancellationToken);
        return accepted.Jobs;
    }

    /// <summary>A job, by its number. Asks the server nothing: whether there is such a job shows with the first verb.</summary>
    public JobHandle Job(JobId id) => new(this, id);

    /// <summary>Some of the user's jobs, newest first. Repeatable.</summary>
    /// <param name="selection">Which.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="before">Only those with a smaller number: <see cref="JobList.Next"/> of the list before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<JobList> ListJobsAsync(
        JobSelection selection = JobSelection.All, int limit = 50, JobId? before = null, CancellationToken cancellationToken = default) =>
        ListJobsAsync(Query(selection), limit, before, cancellationToken);

    /// <summary>
    /// Some jobs. A page may have fewer than its limit, also none, and <see cref="JobList.Next"/> all the same: what finds
    /// little looks at so many jobs at a time. Repeatable.
    /// </summary>
    /// <param name="query">Which, and in which order.</param>
    /// <param name="limit">How many at most; up to 1000.</param>
    /// <param name="before">Where the page begins: <see cref="JobList.Next"/> of the page before.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RequestRefusedException">There is no such state or order, or others' jobs are none of the user's business.</exception>
    public Task<JobList> ListJobsAsync(JobQuery query, int limit = 50, JobId? before = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Connection.SendAsync(query.Page(limit, before), ClientJson.Tolerant.JobList, cancellationToken);
    }

    /// <summary>All of the user's jobs, newest first, fetched page by page as they are enumerated. Repeatable.</summary>
    public IAsyncEnumerable<JobInfo> ListAllJobsAsync(
        JobSelection selection = JobSelection.All, CancellationToken cancellationToken = default) =>
        ListAllJobsAsync(Query(selection), cancellationToken);

    /// <summary>All jobs that fit, fetched page by page as they are enumerated. Repeatable.</summary>
    /// <inheritdoc cref="ListJobsAsync(JobQuery, int, JobId?, CancellationToken)"/>
    public async IAsyncEnumerable<JobInfo> ListAllJobsAsync(
        JobQuery query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        JobId? before = null;
        do
        {
            JobList page = await ListJobsAsync(query, limit: 200, before, cancellationToken);
            foreach (JobInfo job in page.Jobs)
            {
                yield return job;
            }

            before = page.Next;
        }
        while (before is not null);
    }

    /// <summary>The agents that the user may see. Repeatable.</summary>
    public Task<IReadOnlyList<AgentInfo>> ListAgentsAsync(CancellationToken cancellationToken = default) =>
        Connection.SendAsync(ApiRequest.Get("api/v1/agents"), ClientJson.Tolerant.IReadOnlyListAgentInfo, cancellationToken);

    /// <summary>The sites that the user may use. Repeatable.</summary>
    public Task<IReadOnlyList<SiteInfo>> ListSitesAsync(CancellationToken cancellationToken = default) =>
        Connection.SendAsync(ApiRequest.Get("api/v1/sites"), ClientJson.Tolerant.IReadOnlyListSiteInfo, cancellationToken);

    /// <summary>The tree of the server's coroutines, as text. For administrators. Repeatable.</summary>
    public async Task<string> GetTreeAsync(CancellationToken cancellationToken = default)
    {
        ApiRequest request = ApiRequest.Get("api/v1/tree");
        using HttpResponseMessage response = await Connection.SendAsync(request, Connection.NewBackoff(false), cancellationToken);
        try
        {
            return await response.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (Exception e) when (ApiConnection.IsBroken(e))
        {
            throw Connection.Broken(e, maySent: true);
        }
    }

    /// <summary>
    /// Asks the server to stop; for administrators. Returns when it has agreed, before it has ended. Jobs go on. Not
    /// repeated once it may have reached the server.
    /// </summary>
    public async Task StopServerAsync(CancellationToken cancellationToken = default)
    {
        ApiRequest request = ApiRequest.Post("api/v1/server/stop");
        (await Connection.SendAsync(request, Connection.NewBackoff(false), cancellationToken)).Dispose();
    }

    /// <summary>Makes an agent known and returns its token, which is told this once. Not repeated once it may have been done.</summary>
    public Task<IssuedToken> CreateAgentAsync(NewAgent agent, CancellationToken cancellationToken = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(agent, ProtocolJson.Default.NewAgent);
        return Connection.SendAsync(ApiRequest.Post("api/v1/agents", json), ClientJson.Tolerant.IssuedToken, cancellationToken);
    }

    /// <summary>
    /// Makes a user and returns the token, which is told this once; for administrators. Not repeated once it may have been
    /// done.
    /// </summary>
    public Task<IssuedToken> CreateUserAsync(NewUser user, CancellationToken cancellationToken = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(user, ProtocolJson.Default.NewUser);
        return Connection.SendAsync(ApiRequest.Post("api/v1/users", json), ClientJson.Tolerant.IssuedToken, cancellationToken);
    }

    /// <summary>The tokens that are good: the user's, for administrators all. Repeatable.</summary>
    public Task<IReadOnlyList<TokenInfo>> ListTokensAsync(CancellationToken cancellationToken = default) =>
        Connection.SendAsync(ApiRequest.Get("api/v1/tokens"), ClientJson.Tolerant.IReadOnlyListTokenInfo, cancellationToken);

    /// <summary>
    /// Makes another token of a user and returns it, which is told this once. Not repeated once it may have been done.
    /// </summary>
    public Task<IssuedToken> CreateTokenAsync(NewToken token, CancellationToken cancellationToken = default)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(token, ProtocolJson.Default.NewToken);
        return Connection.SendAsync(ApiRequest.Post("api/v1/tokens", json), ClientJson.Tolerant.IssuedToken, cancellationToken);
    }

    /// <summary>
    /// Revokes a token: when this returns it opens nothing any more, and what it had opened is broken off. Not repeated once
    /// it may have been done.
    /// </summary>
    /// <param name="id">By what it is known: <see cref="TokenInfo.Id"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RequestRefusedException">There is no such token of this user that is still good.</exception>
    public async Task RevokeTokenAsync(string id, CancellationToken cancellationToken = default)
    {
        var request = new ApiRequest(HttpMethod.Delete, $"api/v1/tokens/{Uri.EscapeDataString(id)}") { IsRepeatable = false };
        (await Connection.SendAsync(request, Connection.NewBackoff(false), cancellationToken)).Dispose();
    }

    /// <summary>Closes its connections. What still waits ends with an error.</summary>
    public void Dispose() => Connection.Dispose();

    /// <summary>The jobs of a selection, newest first.</summary>
    internal static JobQuery Query(JobSelection selection) => new()
    {
        State = selection switch
        {
            JobSelection.Unfinished => "unfinished",
            JobSelection.Ended => "ended",
            _ => "all",
        },
    };
}
