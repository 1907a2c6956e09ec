using System.Text.Json;
using Drover.Cli.Consoles;

namespace Drover.Cli.Text;

/// <summary>
/// Jobs, with as much of each as a list shows. Read without the serializer, whose preparation for all that a job can be
/// takes longer than the rest of <c>drover list</c>.
/// </summary>
internal sealed class JobRows
{
    private readonly List<(JobInfo Job, JsonElement Json)> _rows = [];

    public IEnumerable<JobInfo> Jobs => _rows.Select(r => r.Job);

    /// <summary>Where the next page begins; null after the last one.</summary>
    public JobId? Next { get; private set; }

    /// <summary>Adds a page, as the API answers it.</summary>
    public void Add(ReadOnlyMemory<byte> page)
    {
        JsonElement root = JsonDocument.Parse(page).RootElement; // Kept as long as its rows are.
        Next = root.TryGetProperty("next", out JsonElement next) && next.ValueKind == JsonValueKind.Number ? new JobId(next.GetInt64()) : null;
        foreach (JsonElement job in root.GetProperty("jobs").EnumerateArray())
        {
            _rows.Add((Read(job), job));
        }
    }

    /// <summary>Removes the jobs that are also among others.</summary>
    public void Remove(JobRows others)
    {
        HashSet<long> ids = [.. others._rows.Select(r => r.Job.Id.Value)];
        _rows.RemoveAll(r => ids.Contains(r.Job.Id.Value));
    }

    /// <summary>Writes them as they came, one a line.</summary>
    public void Write(Terminal terminal)
    {
        foreach ((_, JsonElement json) in _rows)
        {
            terminal.WriteLine(json.GetRawText());
        }
    }

    private static JobInfo Read(JsonElement job) => new()
    {
        Id = new JobId(job.GetProperty("id").GetInt64()),
        Name = job.GetProperty("name").GetString() ?? "",
        User = "",
        Spec = new JobSpec { Command = [], Site = Text(job.GetProperty("spec"), "site") ?? "local" },
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
        Array = job.TryGetProperty("array", out JsonElement array)
            ? new ArrayElement(new JobId(array.GetProperty("array").GetInt64()), array.GetProperty("index").GetInt32())
            : null,
    };

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

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement text) ? text.GetString() : null;
}
