using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api.Events;

/// <summary>What a job writes over HTTP, as server-sent events whose ids are places in the logs of its attempts.</summary>
internal sealed class LogEventsApi(EventLoop loop, Supervisor supervisor, JobFiles files, FollowedLogs followed, Callers callers, TimeProvider time)
{
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    internal void Map(IEndpointRouteBuilder routes) => routes.MapGet("/jobs/{id}/log/events", StreamAsync);

    private async Task StreamAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = JobsApi.IdOf(http);
        OutputKind kind = FilesApi.StreamOf(http.Request.Query);
        int? wanted = FilesApi.WantedAttempt(http.Request.Query);
        LogPlace? after = LogPlace.After(http);
        JobInfo job = await loop.InvokeAsync(() => supervisor.FindAsync(caller, id), "log events");
        LogPlace place = after is { } known && (wanted is null || wanted == known.Attempt) ? known
            : new LogPlace(FilesApi.AttemptOf(job, wanted).Number, 0);
        if (place.Attempt > job.Attempt)
        {
            throw ApiException.Bad($"Job {id} has no attempt {place.Attempt}: {job.Attempt} is its last.");
        }

        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.ContentType = EventAnswer.MediaType;
            return;
        }

        using FollowedLogs.Place followedBy = followed.Follow(caller.User);
        EventAnswer? answer = null;
        while (true)
        {
            job = await UntilAsync(job => HasBegun(job, place.Attempt));
            (answer, place) = await CopyAttemptAsync(answer, job, kind, place, http, caller);
            job = wanted is null ? await UntilAsync(job => job.State.IsOver() || job.Attempt > place.Attempt) : job;
            if (wanted is not null || job.Attempt <= place.Attempt)
            {
                break;
            }

            place = new LogPlace(place.Attempt + 1, 0);
        }

        await answer.WriteAsync([EventFrame.Of("end", place.ToString(), new LogPiece(place.Offset, "", place.Attempt), ProtocolJson.Default.LogPiece)]);

        async Task<JobInfo> UntilAsync(Func<JobInfo, bool> isEnough)
        {
            JobInfo now = await loop.InvokeAsync(() => supervisor.FindAsync(caller, id), "log events");
            if (isEnough(now))
            {
                return now;
            }

            answer ??= await EventAnswer.BeginAsync(http, place.ToString());
            return await BeatUntilAsync(answer, WaitAsync(http, caller, id, isEnough), http);
        }
    }

    private static bool HasBegun(JobInfo job, int attempt) => job.State.IsOver() || job.Attempt > attempt || job.StartedAt is not null;

    /// <summary>Sends the rest of what one attempt wrote, and as long as it writes. Returns the place after it.</summary>
    private async Task<(EventAnswer Answer, LogPlace Place)> CopyAttemptAsync(
        EventAnswer? answer, JobInfo job, OutputKind kind, LogPlace place, HttpContext http, Caller caller)
    {
        // The last attempt of a job that was canceled before that was sent has written nothing.
        bool wasSent = job.Attempt > place.Attempt || job.StartedAt is not null || job.Agent is not null;
        PendingOp? op = !wasSent ? null : await loop.InvokeAsync(() => files.BeginAsync(caller, job.Id, (op, now) => new ServerMessage.ReadLog(
            op, new AttemptId(job.Id, place.Attempt), now.RunDirectoryName(), kind, place.Offset, Follow: true)), "ask an agent", http.RequestAborted);
        var pieces = new LogPieces(place.Offset, place.Attempt);
        try
        {
            AgentStream? stream = op is null ? null : await op.Stream.WaitAsync(http.RequestAborted);
            answer ??= await EventAnswer.BeginAsync(http, place.ToString()); // Not before: what is wrong with the job is answered as a problem.
            if (stream is not null)
            {
                await CopyAsync(answer, stream.Body, pieces, http);
            }

            return (answer, place with { Offset = pieces.Position });
        }
        catch (OpRefusedException e) when (e.IsNotFound && answer is not null)
        {
            return (answer, place); // An attempt that could not be started has no log.
        }
        finally
        {
            if (op is not null)
            {
                await loop.InvokeAsync(() => JobFiles.End(op), "end an op");
            }
        }
    }

    private async Task CopyAsync(EventAnswer answer, Stream log, LogPieces pieces, HttpContext http)
    {
        while (await BeatUntilAsync(answer, log.ReadAsync(pieces.Space, http.RequestAborted).AsTask(), http) is > 0 and int count)
        {
            if (pieces.Add(count) is { } piece)
            {
                await WriteAsync(piece);
            }
        }

        if (pieces.TakeRest() is { } rest)
        {
            await WriteAsync(rest);
        }

        Task WriteAsync(LogPiece piece) => answer.WriteAsync(
            [EventFrame.Of("log", new LogPlace(piece.Attempt, pieces.Position).ToString(), piece, ProtocolJson.Default.LogPiece)]);
    }

    private Task<JobInfo> WaitAsync(HttpContext http, Caller caller, JobId id, Func<JobInfo, bool> isEnough) => loop.InvokeAsync(
        () => supervisor.WaitAsync(caller, id, Timeout.InfiniteTimeSpan, isEnough), "wait for a log", http.RequestAborted);

    /// <summary>Waits for something, and says meanwhile that it is still waited for.</summary>
    private async Task<T> BeatUntilAsync<T>(EventAnswer answer, Task<T> something, HttpContext http)
    {
        while (!something.IsCompleted)
        {
            using var beat = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
            await Task.WhenAny(something, Task.Delay(s_heartbeat, time, beat.Token));
            await beat.CancelAsync();
            http.RequestAborted.ThrowIfCancellationRequested();
            if (!something.IsCompleted)
            {
                await answer.WriteAsync([EventFrame.Heartbeat]);
            }
        }

        return await something;
    }
}
