using System.Globalization;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Drover.Server.Api;

/// <summary>
/// Logs of jobs, and the lists of their files. The bytes go from the agent's request straight into the client's answer, as fast as the slower
/// of them; nothing of them is kept here, and the supervision loop never sees them.
/// </summary>
internal sealed class FilesApi(EventLoop loop, Supervisor supervisor, JobFiles files, FollowedLogs followed, Callers callers)
{
    /// <summary>The header of a log's answer that says at which byte it begins; the client counts on from there.</summary>
    private const string LogOffsetHeader = "Drover-Log-Offset";

    /// <summary>The header of a log's answer that says which attempt wrote it.</summary>
    private const string LogAttemptHeader = "Drover-Log-Attempt";

    private static readonly TimeSpan s_onePoll = TimeSpan.FromMinutes(1);

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/jobs/{id}/log", LogAsync);
        routes.MapGet("/jobs/{id}/files", ListAsync);
    }

    /// <summary>Which of a job's two streams is asked for.</summary>
    internal static OutputKind StreamOf(IQueryCollection query) => (string?)query["stream"] switch
    {
        null or "" or "stdout" => OutputKind.Output,
        "stderr" => OutputKind.Error,
        string other => throw ApiException.Bad($"stream is stdout or stderr, not '{other}'."),
    };

    private async Task LogAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        JobId id = JobsApi.IdOf(http);
        IQueryCollection query = http.Request.Query;
        OutputKind kind = StreamOf(query);
        bool follow = (string?)query["follow"] switch
        {
            null or "" or "false" => false,
            "true" => true,
            string other => throw ApiException.Bad($"follow is true or false, not '{other}'."),
        };
        long offset = (string?)query["offset"] is not { Length: > 0 } text ? 0
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number
            : throw ApiException.Bad($"offset is a whole number, not '{text}'.");
        int? wanted = WantedAttempt(query);
        using FollowedLogs.Place? place = follow ? followed.Follow(caller.User) : null;
        JobInfo now = follow ? await HasBegunAsync(http, caller, id, wanted)
            : await loop.InvokeAsync(() => supervisor.FindAsync(caller, id), "find a log");
        AttemptId attempt = AttemptOf(now, wanted);
        http.Response.ContentType = "application/octet-stream";
        http.Response.Headers[LogAttemptHeader] = attempt.Number.ToString(CultureInfo.InvariantCulture);
        await StreamAsync(
            http,
            caller,
            id,
            (op, job) => new ServerMessage.ReadLog(op, attempt, job.RunDirectoryName(), kind, offset, follow),
            stream => http.Response.Headers[LogOffsetHeader] = stream.Offset?.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The attempt whose log is asked for; null when none is named.</summary>
    internal static int? WantedAttempt(IQueryCollection query) => (string?)query["attempt"] is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number
        : throw ApiException.Bad($"attempt is the number of an attempt, from 1, not '{text}'.");

    /// <summary>Which attempt's log is wanted: without a wish the last one's that has begun.</summary>
    internal static AttemptId AttemptOf(JobInfo job, int? wanted) =>
        wanted > job.Attempt ? throw new ApiException(404, "notFound", $"Job {job.Id} has no attempt {wanted}: {job.Attempt} is its last.")
        : new AttemptId(job.Id, wanted ?? (job is { StartedAt: null, Attempt: > 1 } ? job.Attempt - 1 : job.Attempt));

    private async Task ListAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        string path = http.Request.Query["path"].ToString();
        http.Response.ContentType = "application/json";
        bool hasFiles = await StreamAsync(
            http, caller, JobsApi.IdOf(http), (op, job) => new ServerMessage.ListFiles(op, job.RunDirectoryName(), path));
        if (!hasFiles)
        {
            await http.Response.WriteAsync(
                new Protocol.Files.FileList { Directory = "", Entries = [] }, ProtocolJson.Default.FileList);
        }
    }

    /// <summary>A log that is followed begins when the attempt does: waits for that, or for the job's end without a beginning.</summary>
    private async Task<JobInfo> HasBegunAsync(HttpContext http, Caller caller, JobId id, int? attempt)
    {
        bool HasBegun(JobInfo job) => job.State.IsOver() || job.Attempt > attempt
            || (job.StartedAt is not null && job.Attempt >= (attempt ?? 1));
        while (true)
        {
            JobInfo job = await loop.InvokeAsync(
                () => supervisor.WaitAsync(caller, id, s_onePoll, HasBegun), "wait for a log", http.RequestAborted);
            if (HasBegun(job))
            {
                return job;
            }

            http.RequestAborted.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Answers with what the agent posts. False, and nothing is answered, when the job has no files.</summary>
    private async Task<bool> StreamAsync(
        HttpContext http, Caller caller, JobId id, Func<OpId, JobInfo, ServerMessage> ask, Action<AgentStream>? describe = null)
    {
        PendingOp? op = await loop.InvokeAsync(() => files.BeginAsync(caller, id, ask), "ask an agent", http.RequestAborted);
        if (op is null)
        {
            return false;
        }

        await AgentAnswer.SendAsync(http, loop, op, stream =>
        {
            describe?.Invoke(stream);
            http.Features.Get<IHttpMinResponseDataRateFeature>()?.MinDataRate = null; // A slow reader costs nothing.
        });
        return true;
    }
}
