using System.Text.Json;

namespace Drover.Cli.Listing;

/// <summary>
/// Reads jobs and arrays, with as much of each as a list shows. Without the serializer, whose preparation for all that a
/// job can be takes longer than the rest of <c>drover list</c>.
/// </summary>
internal static class JobRows
{
    public static JobPage ReadPage(ReadOnlyMemory<byte> page)
    {
        JsonElement root = JsonDocument.Parse(page).RootElement; // Kept as long as its rows are.
        JobId? next = root.TryGetProperty("next", out JsonElement before) && before.ValueKind == JsonValueKind.Number ? new JobId(before.GetInt64()) : null;
        var jobs = new List<ListRow.OfJob>();
        foreach (JsonElement job in root.GetProperty("jobs").EnumerateArray())
        {
            jobs.Add(new ListRow.OfJob(ReadJob(job), job));
        }

        return new JobPage(jobs, next);
    }

    public static ListRow.OfArray ReadArray(ReadOnlyMemory<byte> answer)
    {
        JsonElement array = JsonDocument.Parse(answer).RootElement;
        return new ListRow.OfArray(
            new ArrayInfo
            {
                Id = Id(array, "id"),
                Name = Text(array, "name") ?? "",
                User = Text(array, "user") ?? "",
                Spec = new ArraySpec { Job = ReadSpec(array.GetProperty("spec").GetProperty("job")), Indices = "" },
                SubmittedAt = array.GetProperty("submittedAt").GetDateTimeOffset(),
                Count = Number(array, "count"),
                FirstJob = Id(array, "firstJob"),
                Queued = Number(array, "queued"),
                Running = Number(array, "running"),
                Unknown = Number(array, "unknown"),
                Succeeded = Number(array, "succeeded"),
                Failed = Number(array, "failed"),
                IsOver = array.TryGetProperty("isOver", out JsonElement isOver) && isOver.ValueKind == JsonValueKind.True,
                Situation = Text(array, "situation"),
            },
            array);
    }

    private static JobInfo ReadJob(JsonElement job) => new()
    {
        Id = Id(job, "id"),
        Name = job.GetProperty("name").GetString() ?? "",
        User = Text(job, "user") ?? "",
        Spec = ReadSpec(job.GetProperty("spec")),
        State = job.GetProperty("state").GetString() switch
        {
            "queued" => JobState.Queued,
            "starting" => JobState.Starting,
            "running" => JobState.Running,
            "ended" => JobState.Ended,
            "purged" => JobState.Purged,
            _ => JobState.Unknown,
        },
        Situation = Text(job, "situation"),
        Progress = job.TryGetProperty("progress", out JsonElement progress) ? ReadProgress(progress) : null,
        End = job.TryGetProperty("end", out JsonElement end) ? ReadEnd(end) : null,
        SubmittedAt = job.GetProperty("submittedAt").GetDateTimeOffset(),
        StartedAt = job.TryGetProperty("startedAt", out JsonElement started) ? started.GetDateTimeOffset() : null,
        CancelRequestedBy = Text(job, "cancelRequestedBy"),
        EstimatedEndAt = job.TryGetProperty("estimatedEndAt", out JsonElement estimated) ? estimated.GetDateTimeOffset() : null,
        Array = job.TryGetProperty("array", out JsonElement array) ? new ArrayElement(Id(array, "array"), Number(array, "index")) : null,
    };

    private static JobSpec ReadSpec(JsonElement spec) => new(Text(spec, "site") ?? "local") { Command = [] };

    private static Progress ReadProgress(JsonElement progress) => new()
    {
        Fraction = progress.TryGetProperty("fraction", out JsonElement fraction) ? fraction.GetDouble() : null,
        Message = Text(progress, "message"),
    };

    private static AttemptEnd ReadEnd(JsonElement end) => new()
    {
        At = end.GetProperty("at").GetDateTimeOffset(),
        Evidence = "",
        Ending = ReadEnding(end.GetProperty("ending")),
    };

    private static Ending ReadEnding(JsonElement ending) => Text(ending, "kind") switch
    {
        "exited" => new Ending.Exited(ending.GetProperty("code").GetInt32()),
        "signaled" => new Ending.Signaled(ending.GetProperty("number").GetInt32(), Text(ending, "name") ?? ""),
        "outOfMemory" => new Ending.OutOfMemory(null),
        "timeLimit" => new Ending.TimeLimit(0),
        "canceled" => new Ending.Canceled(""),
        "nodeFailed" => new Ending.NodeFailed(""),
        "preempted" => new Ending.Preempted(""),
        "launchFailed" => new Ending.LaunchFailed(LaunchFailure.Other, ""),
        _ => new Ending.Lost(""),
    };

    private static JobId Id(JsonElement element, string name) => new(element.GetProperty(name).GetInt64());

    private static int Number(JsonElement element, string name) => element.TryGetProperty(name, out JsonElement number) ? number.GetInt32() : 0;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement text) ? text.GetString() : null;
}
