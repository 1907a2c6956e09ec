using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api.Events;

/// <summary>What a job writes over HTTP, as server-sent events whose ids are places in the log.</summary>
internal sealed class LogEventsApi(EventLoop loop, Supervisor supervisor, JobFiles files, Callers callers, TimeProvider time)
{
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromSeconds(15);

    internal void Map(IEndpointRouteBuilder routes) => routes.MapGet("/jobs/{id}/log/events", StreamAsync);

    private async Task StreamAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = JobsApi.IdOf(http);
        OutputKind kind = FilesApi.StreamOf(http.Request.Query);
        long after = EventsApi.After(http) ?? 0;
        JobInfo job = await loop.InvokeAsync(() => supervisor.FindAsync(caller, id), "log events");
        if (HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.ContentType = EventAnswer.MediaType;
            return;
        }

        bool hasBegun = HasBegun(job) || job.State.IsOver();
        EventAnswer? answer = null;
        if (!hasBegun)
        {
            answer = await EventAnswer.BeginAsync(http, after);
            await BeatUntilAsync(answer, HasBegunAsync(http, caller, id), http);
        }

        PendingOp? op = await loop.InvokeAsync(() => files.BeginAsync(caller, id, (op, now) => new ServerMessage.ReadLog(
            op, new AttemptId(id, now.Attempt), now.RunDirectoryName(), kind, after, Follow: true)), "ask an agent", http.RequestAborted);
        var pieces = new LogPieces(after);
        try
        {
            AgentStream? stream = op is null ? null : await op.Stream.WaitAsync(http.RequestAborted);
            answer ??= await EventAnswer.BeginAsync(http, after); // Not before: what is wrong with the job is answered as a problem.
            if (stream is not null)
            {
                await CopyAsync(answer, stream.Body, pieces, http);
            }

            await answer.WriteAsync([EventFrame.Of("end", pieces.Position, new LogPiece(pieces.Position, ""), ProtocolJson.Default.LogPiece)]);
        }
        finally
        {
            if (op is not null)
            {
                await loop.InvokeAsync(() => JobFiles.End(op), "end an op");
            }
        }
    }

    private static bool HasBegun(JobInfo job) => job.StartedAt is not null;

    private async Task CopyAsync(EventAnswer answer, Stream log, LogPieces pieces, HttpContext http)
    {
        while (await BeatUntilAsync(answer, log.ReadAsync(pieces.Space, http.RequestAborted).AsTask(), http) is > 0 and int count)
        {
            if (pieces.Add(count) is { } piece)
            {
                await answer.WriteAsync([EventFrame.Of("log", pieces.Position, piece, ProtocolJson.Default.LogPiece)]);
            }
        }

        if (pieces.TakeRest() is { } rest)
        {
            await answer.WriteAsync([EventFrame.Of("log", pieces.Position, rest, ProtocolJson.Default.LogPiece)]);
        }
    }

    private Task<JobInfo> HasBegunAsync(HttpContext http, Caller caller, JobId id) => loop.InvokeAsync(
        () => supervisor.WaitAsync(caller, id, Timeout.InfiniteTimeSpan, HasBegun), "wait for a log", http.RequestAborted);

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
