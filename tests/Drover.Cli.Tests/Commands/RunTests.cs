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
        Assert.Contains("canceling job 1; Ctrl-C again to not wait for its end", result.Error);
        Assert.Contains("job 1 canceled by ada", result.Error);
    }

    [Fact]
    public async Task The_second_CtrlC_does_not_wait_for_the_end_and_says_how_to_come_back()
    {
        OnSubmit(Answers.After(Interrupts.Interrupt, Answers.Never));
        Server.On(Log, Answers.Never).On(Cancel, Answers.After(Interrupts.Interrupt, Answers.Never));
        CommandResult result = await RunAsync("run", "./orbits");
        Assert.Equal(130, result.ExitCode);
        Assert.Contains("whether job 1 was canceled is not known: `drover show 1` says it", result.Error);
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
    public async Task With_json_all_that_happens_is_lines_on_the_output_and_the_job_with_its_ending_comes_last()
    {
        OnSubmit(SomeJobs.Running(), SomeJobs.Ended(ending: new Ending.Exited(3)));
        Server.On(Log, http => (http.Request.Query["stream"] == "stderr" ? Answers.Bytes("no end"u8) : Answers.Bytes("one\n"u8))(http));
        CommandResult result = await RunAsync("run", "--json", "./orbits");
        string[] lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal((3, ""), (result.ExitCode, result.Error));
        Assert.Contains("""{"stream":"stdout","text":"one\n"}""", lines);
        Assert.Contains("""{"stream":"stderr","text":"no end"}""", lines);
        Assert.Equal(JobState.Queued, JsonSerializer.Deserialize(lines[0], ProtocolJson.Default.JobInfo)!.State);
        Assert.Equal(3, JsonSerializer.Deserialize(lines[^1], ProtocolJson.Default.JobInfo)!.End!.Ending.ExitCode);
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
            "--dir", "/scratch", "--run-dir", "shared", "--env", "A=1=2", "--env", "MODE", "--grace", "30s",
            "--after", "12,13", "--after", "ended:14", "--retries", "3", "--retry-on", "lost,exit:75", "--retry-delay", "5s", "--hold", "--pin", "--force",
            "--", "--odd-name", "arg");
        Assert.Equal("1\n", result.Output);
        Assert.Equal(["--odd-name", "arg"], _spec!.Command);
        Assert.Equal((4, 2L << 30, 7200.0, "orbits", "nersc"), (_spec.Cpus, _spec.MemoryBytes!.Value, _spec.TimeLimitSeconds!.Value, _spec.Name, _spec.Site));
        Assert.Equal((-5, "/scratch", "shared", 30.0), (_spec.Priority, _spec.WorkingDirectory, _spec.RunDirectory, _spec.GraceSeconds!.Value));
        Assert.Equal([new("A", "1=2"), new("MODE", "fast")], _spec.Environment!);
        Assert.Equal([new(new JobId(12)), new(new JobId(13)), new(new JobId(14), DependencyKind.Ended)], _spec.After!);
        Assert.Equal((3, 5.0), (_spec.Retry!.Retries, _spec.Retry.DelaySeconds));
        Assert.Equal(["lost", "exit:75"], _spec.Retry.On!);
        Assert.Equal((true, true, false), (_spec.Hold, _spec.Pin, _spec.Reuse));
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

    [Fact]
    public async Task What_a_script_says_is_done_unless_the_command_line_says_otherwise()
    {
        OnSubmit(SomeJobs.Queued());
        await WriteAsync("job.sh", "#!/bin/sh\n#SBATCH --output=log\n#DROVER --cpus 4 --name orbits -e A=1\ntrue\n");
        CommandResult result = await RunAsync("submit", "--cpus", "2", "--env", "B=2", "./job.sh");
        Assert.Equal((2, "orbits"), (_spec!.Cpus, _spec.Name));
        Assert.Equal([new("A", "1"), new("B", "2")], _spec.Environment!);
        Assert.Equal("drover: job.sh:2: #SBATCH --output log is not used: what a job writes is kept anyway; `drover log ID` shows it\n", result.Error);
    }

    [Fact]
    public async Task A_script_with_mistakes_is_not_submitted_and_each_is_told_with_its_line()
    {
        await WriteAsync("job.sh", "#!/bin/sh\n#DROVER --cpu 4\n#SBATCH -t soon\n");
        CommandResult result = await RunAsync("submit", "./job.sh");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("job.sh:2: #DROVER has no option '--cpu'", result.Error);
        Assert.Contains("job.sh:3: -t must be", result.Error);
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task A_script_that_asks_to_run_elsewhere_is_still_the_one_that_was_named()
    {
        OnSubmit(SomeJobs.Queued());
        await WriteAsync("job.sh", "#!/bin/sh\n#DROVER --in-run-dir\n");
        await RunAsync("submit", "./job.sh", "x");
        Assert.Equal([Path.Combine(Folder, "job.sh"), "x"], _spec!.Command);
        Assert.Null(_spec.WorkingDirectory);
    }

    [Fact]
    public async Task The_job_of_an_array_can_be_waited_for()
    {
        OnSubmit(SomeJobs.Queued());
        Server.On("GET /api/v1/jobs/17_3", Answers.Job(SomeJobs.Running(20)));
        await RunAsync("submit", "--after", "failed:17_3", "true");
        Assert.Equal([new Dependency(new JobId(20), DependencyKind.Failed)], _spec!.After!);
    }

    [Theory]
    [InlineData("--retry-on lost true", "--retry-on needs --retries N: how often to try again.")]
    [InlineData("--after soon:3 true", "'soon:3' must be jobs, such as 12,13, or ended:12,13 or failed:12,13 when they need not succeed; see `drover submit --help`.")]
    [InlineData("--force --reuse true", "--force and --reuse contradict each other; see `drover submit --help`.")]
    public async Task Wrong_options_are_told_in_a_sentence(string line, string sentence)
    {
        CommandResult result = await RunAsync(["submit", .. line.Split(' ')]);
        Assert.Equal((2, $"drover: {sentence}\n"), (result.ExitCode, result.Error));
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task A_result_that_is_given_back_is_said_to_be_one()
    {
        Server.On("GET /api/v1/jobs/1", Answers.Job(SomeJobs.Ended())).On(Submit, Answers.Job(SomeJobs.Ended() with { IsReused = true }));
        Server.On(Log, http => (http.Request.Query["stream"] == "stderr" ? Answers.Bytes() : Answers.Bytes("text"u8))(http));
        CommandResult result = await RunAsync("run", "true");
        Assert.Equal((0, "text"), (result.ExitCode, result.Output));
        Assert.Equal("drover: job 1 did the same 1m ago and succeeded: this is its result; --force runs it anew\n", result.Error);
    }

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(Folder, name), text);

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
