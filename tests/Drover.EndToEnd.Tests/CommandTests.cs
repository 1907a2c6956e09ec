using System.Text.Json;
using Drover.Protocol.Files;

namespace Drover.EndToEnd.Tests;

public sealed class CommandTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task Submit_prints_the_number_alone_and_wait_exits_with_the_codes()
    {
        string first = await SubmitAsync("sh", "-c", "exit 3");
        string second = await SubmitAsync("true");
        Assert.True(int.Parse(second) > int.Parse(first));
        CommandResult wait = (await _drover.RunAsync("wait", second, first)).Exits(3);
        Assert.Contains($"job {first} exited with code 3\n", wait.Text);
        Assert.Contains($"job {second} succeeded\n", wait.Text);
        (await _drover.RunAsync("wait", second)).Exits(0);
    }

    [Fact]
    public async Task List_and_show_tell_about_a_job_also_as_json()
    {
        string id = await SubmitAsync("--name", "the long one", "sleep", "1000");
        await _drover.Client.Job(JobId.Parse(id, null)).IsAsync(JobState.Running);
        string line = Assert.Single((await _drover.RunAsync("list")).Exits(0).Text.Split('\n'), l => l.Contains("the long one"));
        Assert.Contains("running", line);
        Assert.Contains("local", line);

        JobInfo listed = Assert.Single(
            Lines((await _drover.RunAsync("list", "--json")).Exits(0), ProtocolJson.Default.JobInfo), job => job.Id.ToString() == id);
        JobInfo shown = Assert.Single(Lines((await _drover.RunAsync("show", id, "--json")).Exits(0), ProtocolJson.Default.JobInfo));
        Assert.Equal(listed.Revision, shown.Revision);
        Assert.Equal(["sleep", "1000"], shown.Spec.Command);
        Assert.Equal(_drover.Work, shown.Spec.WorkingDirectory);

        string text = (await _drover.RunAsync("show", id)).Exits(0).Text;
        Assert.Contains("sleep 1000", text);
        Assert.Contains(shown.ProcessId.ToString()!, text);
        Assert.Contains($"canceling job {id}", (await _drover.RunAsync("cancel", id)).Exits(0).Text);
        (await _drover.RunAsync("wait", id)).Exits(130);
    }

    [Fact]
    public async Task Explain_tells_the_story_in_order()
    {
        string id = await SubmitAsync("false");
        (await _drover.RunAsync("wait", id)).Exits(1);
        string text = (await _drover.RunAsync("explain", id)).Exits(0).Text;
        int[] places = [.. new[] { "submitted", "dispatched", "started", "ended", "what to do next" }.Select(word => text.IndexOf($"  {word}", StringComparison.Ordinal) is var at and >= 0 ? at : text.IndexOf(word, StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
        Assert.Contains("exited with code 1", text);

        Explanation explanation = Assert.Single(Lines((await _drover.RunAsync("explain", id, "--json")).Exits(0), ProtocolJson.Default.Explanation));
        Assert.Equal(
            [JobEventKind.Submitted, JobEventKind.Dispatched, JobEventKind.Started, JobEventKind.Ended],
            explanation.Steps.Select(step => step.Kind));
    }

    [Fact]
    public async Task Agents_and_tree_show_who_works_and_what_is_waited_for()
    {
        string id = await SubmitAsync("sleep", "1000");
        await _drover.Client.Job(JobId.Parse(id, null)).IsAsync(JobState.Running);
        Assert.Contains("connected", (await _drover.RunAsync("agents")).Exits(0).Text);
        AgentInfo agent = Assert.Single(Lines((await _drover.RunAsync("agents", "--json")).Exits(0), ProtocolJson.Default.AgentInfo));
        Assert.Equal(("local", true, Environment.UserName), (agent.Site, agent.IsConnected, agent.User));
        Assert.Equal(_drover.Agent!.Id, agent.ProcessId);
        Assert.Contains($"job {id}", (await _drover.RunAsync("tree")).Exits(0).Text);
        using var tree = JsonDocument.Parse((await _drover.RunAsync("tree", "--json")).Exits(0).Text);
        Assert.Contains($"news of attempt {id}.1", tree.RootElement.GetProperty("tree").GetString());
        (await _drover.RunAsync("cancel", id, "--grace", "0")).Exits(0);
        (await _drover.RunAsync("wait", id)).Exits(130);
    }

    [Fact]
    public async Task Files_are_listed_and_fetched_while_the_job_runs_and_afterwards()
    {
        byte[] content = new byte[3_000_000];
        Random.Shared.NextBytes(content);
        await File.WriteAllBytesAsync(_drover.PathOf("source"), content);
        string id = await SubmitAsync(
            "sh", "-c", "cp source \"$DROVER_RUN_DIR/big\"; cd \"$DROVER_RUN_DIR\"; mkdir sub; echo hello > 'sub/a file'; echo ready; until [ -e here ]; do sleep 0.02; done");
        JobHandle job = _drover.Client.Job(JobId.Parse(id, null));
        await Eventually.IsTrueAsync(async () => await job.IsAsync(JobState.Running) is not null && await job.LogAsync() == "ready\n", "its files");
        string text = (await _drover.RunAsync("files", id)).Exits(0).Text;
        Assert.Contains("big", text);
        Assert.Contains("sub/a file", text);
        Assert.DoesNotContain(".drover", text);

        (await _drover.RunAsync("get", id, "big")).Exits(0);
        Assert.Equal(content, await File.ReadAllBytesAsync(_drover.PathOf("big")));
        Assert.Equal("hello\n", (await _drover.RunAsync("get", id, "sub/a file", "-")).Exits(0).Text);
        await File.WriteAllTextAsync(Path.Combine(_drover.AgentFolder, "runs", id, "here"), "");
        await job.EndAsync();

        FileList list = Assert.Single(Lines((await _drover.RunAsync("files", id, "--json")).Exits(0), ProtocolJson.Default.FileList));
        Assert.Equal(["big", "here", "sub", "sub/a file"], list.Entries.Select(entry => entry.Path).Order(StringComparer.Ordinal));
        (await _drover.RunAsync("get", id)).Exits(0);
        Assert.Equal("hello\n", await File.ReadAllTextAsync(_drover.PathOf($"job-{id}/sub/a file")));
        CommandResult missing = (await _drover.RunAsync("get", id, "nothing")).Exits(1);
        Assert.Contains("nothing", missing.Error);
    }

    [Fact]
    public async Task The_log_is_shown_from_any_place()
    {
        string id = await SubmitAsync("sh", "-c", "printf 'one\\ntwo\\nthree'; echo problem >&2");
        (await _drover.RunAsync("wait", id)).Exits(0);
        CommandResult log = (await _drover.RunAsync("log", id)).Exits(0);
        Assert.Equal(("one\ntwo\nthree", "problem\n"), (log.Text, log.Error));
        Assert.Equal("two\nthree", (await _drover.RunAsync("log", id, "--tail", "2", "--stream", "stdout")).Exits(0).Text);
        Assert.Equal("wo\nthree", (await _drover.RunAsync("log", id, "--offset", "5", "--stream", "stdout")).Exits(0).Text);
        Assert.Equal("three", (await _drover.RunAsync("log", id, "--offset", "-5", "--stream", "stdout", "-f")).Exits(0).Text);
        Assert.Equal("problem\n", (await _drover.RunAsync("log", id, "--stream", "stderr")).Exits(0).Text);
    }

    [Fact]
    public async Task Exit_codes_are_as_documented()
    {
        (await _drover.RunAsync()).Exits(0);
        (await _drover.RunAsync("show", "999999")).Exits(3);
        (await _drover.RunAsync("cancel", "999999")).Exits(3);
        (await _drover.RunAsync("show", "no-number")).Exits(2);
        (await _drover.RunAsync("lisst")).Exits(2);
        (await _drover.RunAsync("list", "--server", "http://127.0.0.1:9", "--json")).Exits(2); // It has no token for that one.
        (await _drover.RunAsync("list", "--data", _drover.PathOf("nowhere"))).Exits(4);
        (await _drover.RunAsync("run", "--cpus", "100000", "true")).Exits(1);
    }

    private async Task<string> SubmitAsync(params string[] words)
    {
        CommandResult submit = (await _drover.RunAsync(["submit", .. words])).Exits(0);
        Assert.Matches(@"^\d+\n\z", submit.Text);
        return submit.Text.Trim();
    }

    private static List<T> Lines<T>(CommandResult result, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        [.. result.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, type)!)];
}
