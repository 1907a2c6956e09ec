using System.Text.Json;

namespace Drover.Cli.Tests.Commands;

public sealed class RunTests : CommandTest
{
    private const string Submit = "POST /api/v1/jobs";
    private const string Log = "GET /api/v1/jobs/1/log";
    private const string Cancel = "POST /api/v1/jobs/1/cancel";

    private JobSpec? _spec;

    [Fact]
    public async Task Run_passes_both_streams_on_byte_for_byte_and_says_nothing_about_a_success()
    {
        byte[] bytes = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        OnSubmit(SomeJobs.Ended());
        Server.On(Log, http => (http.Request.Query["stream"] == "stderr" ? Answers.Bytes("warning\n"u8) : Answers.Bytes(bytes))(http));
        var output = new CommandOutput();
        CommandResult result = await RunAsync(output, "run", "./orbits");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(bytes, output.OutputBytes);
        Assert.Equal("warning\n", result.Error);
    }

    [Fact]
    public async Task Run_exits_with_the_jobs_code_and_says_how_it_ended()
    {
        OnSubmit(SomeJobs.Ended(ending: new Ending.Exited(3)));
        Server.On(Log, Answers.Bytes());
        CommandResult result = await RunAsync("run", "./orbits");
        Assert.Equal(3, result.ExitCode);
        Assert.Equal("drover: job 1 exited with code 3; `drover explain 1` tells more\n", result.Error);
    }

    [Fact]
    public async Task Run_of_what_cannot_be_started_exits_as_a_shell_does()
    {
        OnSubmit(SomeJobs.Ended(ending: new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, "there is no ./orbits")) with { StartedAt = null });
        Server.On(Log, Answers.Problem(404, "notFound", "It never started."));
        CommandResult result = await RunAsync("run", "./orbits");
        Assert.Equal(127, result.ExitCode);
        Assert.Contains("not started: there is no ./orbits", result.Error);
    }

    [Fact]
    public async Task Run_in_the_middle_of_a_broken_connection_shows_each_byte_once()
    {
        OnSubmit(SomeJobs.Running(), SomeJobs.Ended());
        Server.On(Log, http => (http.Request.Query["stream"], http.Request.Query["offset"]) switch
        {
            (_, _) when http.Request.Query["stream"] == "stderr" => Answers.Bytes()(http),
            (_, var offset) when offset == "0" => Answers.BytesThenBreak("one "u8)(http),
            (_, var offset) when offset == "4" => Answers.Bytes("two"u8)(http),
            _ => Answers.Bytes()(http),
        });
        Assert.Equal("one two", (await RunAsync("run", "./orbits")).Output);
    }

    [Fact]
    public async Task The_first_CtrlC_cancels_the_job_and_run_waits_for_its_end()
    {
        OnSubmit(
            Answers.After(Interrupts.Interrupt, http => WaitForCancelAsync(http)),
            Answers.Job(SomeJobs.Ended(ending: new Ending.Canceled("ada", "Ctrl-C in drover run"))));
        Server.On(Log, Answers.Bytes());
        CommandResult result = await RunAsync("run", "./orbits");
        Assert.Equal(130, result.ExitCode);
        Assert.Contains("canceling job 1; Ctrl-C again leaves it to end by itself", result.Error);
        Assert.Contains("job 1 canceled by ada", result.Error);
    }

    [Fact]
    public async Task The_second_CtrlC_leaves_the_job_alone_and_says_how_to_come_back()
    {
        OnSubmit(Answers.After(Interrupts.Interrupt, Answers.Never));
        Server.On(Log, Answers.Never).On(Cancel, Answers.After(Interrupts.Interrupt, Answers.Job(SomeJobs.Running())));
        CommandResult result = await RunAsync("run", "./orbits");
        Assert.Equal(130, result.ExitCode);
        Assert.Contains("job 1 goes on; `drover log -f 1` follows it", result.Error);
    }

    [Fact]
    public async Task When_nobody_reads_the_output_any_more_the_job_is_canceled_and_run_ends_silently()
    {
        OnSubmit(SomeJobs.Running(), SomeJobs.Running(), SomeJobs.Ended());
        Server.On(Log, http => (http.Request.Query["stream"] == "stderr" ? Answers.Bytes() : Answers.Bytes("text"u8))(http));
        Server.On(Cancel, Answers.Job(SomeJobs.Running()));
        CommandResult result = await RunAsync(new CommandOutput(output: new ClosedPipe()), "run", "./orbits");
        Assert.Equal(141, result.ExitCode);
        Assert.Equal("", result.Error);
        Assert.Single(Server.RequestsTo("/api/v1/jobs/1/cancel"));
    }

    [Fact]
    public async Task With_json_the_jobs_output_stays_alone_on_its_stream()
    {
        OnSubmit(SomeJobs.Ended());
        Server.On(Log, http => (http.Request.Query["stream"] == "stderr" ? Answers.Bytes() : Answers.Bytes("text"u8))(http));
        CommandResult result = await RunAsync("run", "--json", "./orbits");
        Assert.Equal("text", result.Output);
        Assert.All(result.Error.TrimEnd().Split('\n'), line => Assert.NotNull(JsonSerializer.Deserialize(line, ProtocolJson.Default.JobInfo)));
    }

    [Fact]
    public async Task Options_after_the_first_word_of_the_command_are_the_commands()
    {
        OnSubmit(SomeJobs.Queued());
        await RunAsync("submit", "--cpus", "2", "-n", "orbits", "./orbits", "--cpus", "9", "--json", "-h", "--", "@file", "list");
        Assert.Equal(["./orbits", "--cpus", "9", "--json", "-h", "--", "@file", "list"], _spec!.Command);
        Assert.Equal((2, "orbits"), (_spec.Cpus, _spec.Name));
    }

    [Fact]
    public async Task Everything_about_a_job_can_be_said()
    {
        OnSubmit(SomeJobs.Queued());
        SetVariable("MODE", "fast");
        CommandResult result = await RunAsync(
            "submit", "--cpus", "4", "--memory", "2G", "--time", "2h", "--name", "orbits", "--site", "nersc", "--priority=-5",
            "--dir", "/scratch", "--run-dir", "shared", "--env", "A=1=2", "--env", "MODE", "--grace", "30s", "--", "--odd-name", "arg");
        Assert.Equal("1\n", result.Output);
        Assert.Equal(["--odd-name", "arg"], _spec!.Command);
        Assert.Equal((4, 2L << 30, 7200.0, "orbits", "nersc"), (_spec.Cpus, _spec.MemoryBytes!.Value, _spec.TimeLimitSeconds!.Value, _spec.Name, _spec.Site));
        Assert.Equal((-5, "/scratch", "shared", 30.0), (_spec.Priority, _spec.WorkingDirectory, _spec.RunDirectory, _spec.GraceSeconds!.Value));
        Assert.Equal([new("A", "1=2"), new("MODE", "fast")], _spec.Environment!);
    }

    [Theory]
    [InlineData(new string[0], "")]
    [InlineData(new[] { "--dir", "sub" }, "sub")]
    [InlineData(new[] { "--in-run-dir" }, null)]
    [InlineData(new[] { "--site", "nersc" }, null)]
    public async Task A_job_runs_where_it_was_typed_unless_told_otherwise(string[] options, string? directory)
    {
        OnSubmit(SomeJobs.Queued());
        await RunAsync(["submit", .. options, "true"]);
        Assert.Equal(directory is null ? null : Path.Combine(Folder, directory).TrimEnd('/'), _spec!.WorkingDirectory);
    }

    [Fact]
    public async Task A_variable_that_is_not_there_is_wrong_usage()
    {
        CommandResult result = await RunAsync("submit", "--env", "NOPE", "true");
        Assert.Equal((2, "drover: --env NOPE: there is no such variable here; write --env NOPE=VALUE.\n"), (result.ExitCode, result.Error));
        Assert.Empty(Server.Requests);
    }

    private void OnSubmit(params JobInfo[] states) => OnSubmit([.. states.Select(Answers.Job)]);

    private void OnSubmit(params Answer[] states)
    {
        Server.On("GET /api/v1/jobs/1", states).On(Submit, async http =>
        {
            _spec = await JsonSerializer.DeserializeAsync(http.Request.Body, ProtocolJson.Default.JobSpec);
            await Answers.Job(SomeJobs.Queued())(http);
        });
    }

    private async Task WaitForCancelAsync(Microsoft.AspNetCore.Http.HttpContext http)
    {
        var canceled = new TaskCompletionSource();
        Server.On(Cancel, Answers.After(canceled.SetResult, Answers.Job(SomeJobs.Running())));
        await canceled.Task;
        await Answers.Job(SomeJobs.Running())(http);
    }
}
