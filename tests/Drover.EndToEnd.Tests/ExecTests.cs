using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;

namespace Drover.EndToEnd.Tests;

public sealed class ExecTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private const int MostAtOnce = 8;
    private const int MostWaiting = 64;

    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task A_command_runs_beside_a_running_job_and_after_its_end()
    {
        JobHandle job = await _drover.RunningAsync("echo step 1 > $DROVER_RUN_DIR/state; while [ ! -e done ]; do sleep 0.05; done");
        await Eventually.IsTrueAsync(async () => (await ExecAsync(job, "cat", "state")).Output == "step 1\n", "the job's state");
        Assert.Equal((new Ending.Exited(5), "", "no\n"), await ExecAsync(job, "sh", "-c", "echo no >&2; exit 5"));
        Assert.Equal(JobState.Running, (await job.GetAsync()).State);
        _drover.Make("done");
        Assert.Equal(new Ending.Exited(0), await job.EndingAsync());
        Assert.Equal((new Ending.Exited(0), "step 1\n", ""), await ExecAsync(job, "cat", "state"));
        Assert.Null((await job.GetAsync()).End!.Evidence is var evidence && evidence.Contains("behind", StringComparison.Ordinal) ? evidence : null);
    }

    [Fact]
    public async Task Its_bytes_come_unchanged()
    {
        JobHandle job = await EndedAsync();
        using var output = new MemoryStream();
        Assert.Equal(new Ending.Exited(0), await job.ExecAsync(new ExecSpec { Command = ["seq", "1", "300000"] }, output, Stream.Null));
        Assert.Equal(string.Concat(Enumerable.Range(1, 300_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i}\n"))), Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public async Task Its_time_limit_ends_it()
    {
        JobHandle job = await EndedAsync();
        Ending ending = await job.ExecAsync(new ExecSpec(0.3) { Command = ["sleep", "1000"] }, Stream.Null, Stream.Null);
        Assert.Equal(new Ending.TimeLimit(0.3), ending);
    }

    [Fact]
    public async Task A_client_that_goes_takes_its_command_along()
    {
        JobHandle job = await EndedAsync();
        using var gone = new CancellationTokenSource();
        Task<Ending> exec = job.ExecAsync(Marked("first", "sleep 1000 & sleep 1000"), Stream.Null, Stream.Null, gone.Token);
        await Eventually.IsTrueAsync(() => Marked("first").Count >= 2, "the command to run");
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => exec);
        await Eventually.IsTrueAsync(() => Marked("first").Count == 0, "the end of the command");
    }

    [Fact]
    public async Task Neither_the_agents_death_nor_the_servers_leaves_a_command_behind()
    {
        await using var drover = new Installation();
        await drover.InitializeAsync();
        foreach (Func<LiveProcess?> killed in (Func<LiveProcess?>[])[() => drover.Agent, () => drover.Server])
        {
            JobHandle job = await drover.SubmitAsync("true");
            await job.EndAsync();
            Task<Ending> exec = job.ExecAsync(Marked("killed", "trap '' TERM; sleep 1000 & setsid sleep 1000 & sleep 1000"), Stream.Null, Stream.Null);
            await Eventually.IsTrueAsync(() => Marked("killed").Count >= 4, "the command to run");
            await Installation.KillAsync(killed());
            await Assert.ThrowsAsync<ServerUnreachableException>(() => exec);
            await Eventually.IsTrueAsync(() => Marked("killed").Count == 0, "the end of the command");
            await drover.UpAsync();
        }
    }

    [Fact]
    public async Task Where_there_is_no_run_directory_that_is_said()
    {
        JobHandle first = await _drover.SubmitAsync(new JobSpec { Command = ["sleep", "1000"], Cpus = Environment.ProcessorCount });
        await first.IsAsync(JobState.Running);
        JobHandle queued = await _drover.SubmitAsync("true");
        RequestRefusedException e = await Assert.ThrowsAsync<RequestRefusedException>(() => ExecAsync(queued, "true"));
        Assert.Equal((409, "conflict"), (e.Status, e.Code));
        Assert.Contains("has not started", e.Message);
        await first.CancelAsync();
        await queued.EndAsync();
    }

    [Fact]
    public async Task More_commands_than_slots_wait_for_their_turn()
    {
        JobHandle job = await EndedAsync();
        const string CountThem = "mkdir -p busy; touch busy/$0; ls busy | wc -l; sleep 0.2; rm busy/$0";
        (Ending, string Output, string Error)[] all = await Task.WhenAll(
            Enumerable.Range(0, 30).Select(i => ExecAsync(job, "sh", "-c", CountThem, i.ToString(CultureInfo.InvariantCulture))));
        Assert.All(all, one => Assert.InRange(int.Parse(one.Output, CultureInfo.InvariantCulture), 1, MostAtOnce));
    }

    [Fact]
    public async Task When_very_many_wait_for_their_turn_more_are_refused()
    {
        JobHandle job = await EndedAsync();
        using var enough = new CancellationTokenSource();
        Task<Ending>[] all = [.. Enumerable.Range(0, MostAtOnce + MostWaiting + 3).Select(_ =>
            job.ExecAsync(Marked("waiting", "sleep 1000"), Stream.Null, Stream.Null, enough.Token))];
        await Eventually.IsTrueAsync(() => all.Count(one => one.IsFaulted) == 3, "the commands that are too many");
        Assert.All(all.Where(one => one.IsFaulted), one => Assert.Equal("busy", Assert.IsType<RequestRefusedException>(one.Exception!.InnerException).Code));
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(all));
        await Eventually.IsTrueAsync(() => Marked("waiting").Count == 0, "the end of the commands");
        Assert.Equal((new Ending.Exited(0), "again\n", ""), await ExecAsync(job, "echo", "again"));
    }

    [Fact]
    public async Task A_babbling_command_that_nobody_reads_costs_no_memory()
    {
        JobHandle job = await EndedAsync();
        LiveProcess[] both = [_drover.Server!, _drover.Agent!];
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(_drover.Url), $"api/v1/jobs/{job.Id}/exec"))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", _drover.Token) },
            Content = JsonContent.Create(Marked("babble", "exec yes"), ProtocolJson.Default.ExecSpec),
        };
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Stream body = await response.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[ExecFrames.HeaderLength]);
        long[] before = [.. both.Select(process => Resident(process.Id))];
        await body.ReadExactlyAsync(new byte[20 << 20]); // Warm, and then left alone.
        await Task.Delay(1000);
        foreach ((LiveProcess process, long then) in both.Zip(before))
        {
            Assert.InRange(Resident(process.Id) - then, long.MinValue, 48 << 20);
        }

        response.Dispose();
        await Eventually.IsTrueAsync(() => Marked("babble").Count == 0, "the end of the command");
    }

    private static long Resident(int process) =>
        long.Parse(File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;

    /// <summary>A command that is found again by a variable.</summary>
    private static ExecSpec Marked(string mark, string script) => new(600) { Command = ["env", $"DROVER_EXEC_MARK={mark}", "sh", "-c", script] };

    private static IReadOnlyList<LiveProcess> Marked(string mark) => LiveProcess.With($"DROVER_EXEC_MARK={mark}");

    private static async Task<(Ending Ending, string Output, string Error)> ExecAsync(JobHandle job, params string[] command)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        Ending ending = await job.ExecAsync(new ExecSpec { Command = command }, output, error);
        return (ending, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    private async Task<JobHandle> EndedAsync()
    {
        JobHandle job = await _drover.SubmitAsync("true");
        await job.EndAsync();
        return job;
    }
}
