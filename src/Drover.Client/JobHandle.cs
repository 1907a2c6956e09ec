using System.Globalization;
using System.Text.Json;
using Drover.Client.Http;

namespace Drover.Client;

/// <summary>A job of a server, with what one can do with it.</summary>
/// <remarks>
/// Every verb throws <see cref="JobNotFoundException"/> when there is no such job or it is another user's, beside what
/// <see cref="DroverClient"/> says of all requests.
/// </remarks>
/// <param name="Client">The server and user.</param>
/// <param name="Id">The number of the job.</param>
public sealed partial record JobHandle(DroverClient Client, JobId Id)
{
    /// <summary>How long one request waits at the server.</summary>
    private static readonly TimeSpan s_longPoll = TimeSpan.FromSeconds(30);

    private ApiConnection Connection => Client.Connection;

    private string Path => $"api/v1/jobs/{Id}";

    /// <summary>The job now. Repeatable.</summary>
    public Task<JobInfo> GetAsync(CancellationToken cancellationToken = default) =>
        SendAsync(ApiRequest.Get(Path), cancellationToken);

    /// <summary>
    /// Waits until the job has ended, also over restarts of the server, which it tries to reach again for
    /// <see cref="DroverClientOptions.ReconnectFor"/>. A canceled token ends the wait; the job goes on. Repeatable.
    /// </summary>
    /// <returns>The job, with its <see cref="JobInfo.End"/>.</returns>
    public async Task<JobInfo> WaitAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            JobInfo job = await SendAsync(LongPoll("until=ended", s_longPoll), cancellationToken);
            if (job.End is not null)
            {
                return job;
            }
        }
    }

    /// <summary>
    /// Waits until the job's revision is greater than <paramref name="revision"/>, at most <paramref name="atMost"/>
    /// (rounded to seconds, at least one), and returns the job as it is then, changed or not. Reaches for a server that
    /// is away as <see cref="WaitAsync"/> does. Repeatable.
    /// </summary>
    /// <param name="revision">The revision that is known: <see cref="JobInfo.Revision"/>.</param>
    /// <param name="atMost">How long to wait; up to 30 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<JobInfo> WaitForChangeAsync(long revision, TimeSpan atMost, CancellationToken cancellationToken = default)
    {
        TimeSpan wait = TimeSpan.FromSeconds(Math.Clamp(Math.Round(atMost.TotalSeconds), 1, s_longPoll.TotalSeconds));
        return SendAsync(LongPoll(string.Create(CultureInfo.InvariantCulture, $"after={revision}"), wait), cancellationToken);
    }

    /// <summary>
    /// Asks to end the job. When this returns the request is on the server's disk; the job ends later, and as what it
    /// truly was: <see cref="WaitAsync"/>. A job that has ended stays as it is. Repeatable: twice is as good as once.
    /// </summary>
    public Task<JobInfo> CancelAsync(CancelRequest? request = null, CancellationToken cancellationToken = default)
    {
        byte[]? json = request is null ? null : JsonSerializer.SerializeToUtf8Bytes(request, ProtocolJson.Default.CancelRequest);
        return SendAsync(ApiRequest.Post($"{Path}/cancel", json) with { IsRepeatable = true }, cancellationToken);
    }

    /// <summary>
    /// Changes the job: its priority, its time limit and whether it is held while it waits, also for its next attempt;
    /// whether its files are kept at any time until they are removed. When this returns the change is on the server's
    /// disk. Repeatable: twice is as good as once.
    /// </summary>
    /// <exception cref="RequestRefusedException">
    /// It does not wait any more, or its files are gone (code <c>conflict</c>), or it cannot have that; nothing was changed.
    /// </exception>
    public Task<JobInfo> ChangeAsync(JobChanges changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(changes, ProtocolJson.Default.JobChanges);
        return SendAsync(new ApiRequest(HttpMethod.Patch, Path) { Json = json }, cancellationToken);
    }

    /// <summary>Every attempt of the job, oldest first, each with its ending. Repeatable.</summary>
    public async Task<IReadOnlyList<AttemptInfo>> AttemptsAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await Connection.SendAsync(
                ApiRequest.Get($"{Path}/attempts"), ClientJson.Tolerant.IReadOnlyListAttemptInfo, cancellationToken);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw new JobNotFoundException(Id, e);
        }
    }

    /// <summary>The whole story of the job. Repeatable.</summary>
    public async Task<Explanation> ExplainAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await Connection.SendAsync(
                ApiRequest.Get($"{Path}/explanation"), ClientJson.Tolerant.Explanation, cancellationToken);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw new JobNotFoundException(Id, e);
        }
    }

    /// <summary>
    /// Writes what the job wrote to one of its streams, byte for byte. When the connection breaks it is made again and the
    /// copy goes on with the next byte, so that none is missing or doubled.
    /// </summary>
    /// <param name="stream">Which of the two.</param>
    /// <param name="destination">Where to. Flushed after each piece.</param>
    /// <param name="offset">From which byte; negative counts from the end.</param>
    /// <param name="follow">
    /// Whether to wait for the job to start and to go on as it writes, until it has ended; over restarts of the server and
    /// the agent, for <see cref="DroverClientOptions.ReconnectFor"/>.
    /// </param>
    /// <param name="attempt">
    /// The attempt whose log is wanted. Default: the last one's; when it is followed, also the logs of those that come after.
    /// </param>
    /// <param name="cancellationToken">Ends the copy after what has been written.</param>
    /// <returns>
    /// The place in the log after the last byte that was written, for a later copy; -1 when the offset was negative and the
    /// server does not tell where that was.
    /// </returns>
    /// <exception cref="FileNotInJobException">The job has no log: it has not started, or its files were removed.</exception>
    /// <exception cref="IOException">The destination cannot be written.</exception>
    public Task<long> CopyLogAsync(
        OutputKind stream,
        Stream destination,
        long offset = 0,
        bool follow = false,
        int? attempt = null,
        CancellationToken cancellationToken = default) =>
        new LogCopy(this, stream, destination, attempt).RunAsync(offset, follow, cancellationToken);

    /// <summary>Follows what the job writes from an attempt on, over those that come after: also one that was over at once.</summary>
    internal Task<long> FollowLogAsync(
        OutputKind stream, Stream destination, int? firstAttempt, long offset = 0, CancellationToken cancellationToken = default) =>
        new LogCopy(this, stream, destination) { FirstAttempt = firstAttempt }.RunAsync(offset, follow: true, cancellationToken);

    /// <summary>The job's number.</summary>
    public override string ToString() => $"job {Id}";

    /// <summary>The job now, tried for as long as a wait is.</summary>
    internal Task<JobInfo> GetPatientlyAsync(CancellationToken cancellationToken) =>
        SendAsync(ApiRequest.Get(Path) with { IsPatient = true }, cancellationToken);

    /// <summary>Tells a missing job from a missing file: both are 404.</summary>
    internal async Task<DroverException> NotFoundAsync(string what, RequestRefusedException e, CancellationToken cancellationToken)
    {
        await GetAsync(cancellationToken);
        return new FileNotInJobException(Id, what, e.Problem.Detail);
    }

    private ApiRequest LongPoll(string condition, TimeSpan wait) =>
        ApiRequest.Get(string.Create(CultureInfo.InvariantCulture, $"{Path}?waitSeconds={(int)wait.TotalSeconds}&{condition}"))
            with
        { Wait = wait, IsPatient = true };

    private async Task<JobInfo> SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await Connection.SendAsync(request, ClientJson.Tolerant.JobInfo, cancellationToken);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw new JobNotFoundException(Id, e);
        }
    }
}
