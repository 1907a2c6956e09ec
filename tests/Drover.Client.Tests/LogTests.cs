using System.Text;
using Drover.Client.Http;

namespace Drover.Client.Tests;

public sealed class LogTests : ClientTest
{
    private const string Log = "GET /api/v1/jobs/1/log";

    [Fact]
    public async Task A_log_is_copied_byte_for_byte()
    {
        byte[] bytes = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7))];
        Server.On(Log, Answers.Bytes(bytes));
        Assert.Equal(bytes, await CopyAsync(follow: false));
    }

    [Fact]
    public async Task A_log_goes_on_with_the_next_byte_after_a_broken_connection()
    {
        Server.On(Log, Answers.BytesThenBreak("one\ntw"u8), Answers.Break, Answers.Bytes("o\nthree"u8));
        Assert.Equal("one\ntwo\nthree", await CopyTextAsync(follow: false));
        Assert.Equal([0, 6, 6], Offsets());
    }

    [Fact]
    public async Task A_log_is_followed_until_the_job_has_ended_and_read_once_more_from_there()
    {
        // The answer may have ended because the server stops: what was written since then must not be lost.
        Server.OnJob(SomeJobs.Running(), SomeJobs.Ended());
        Server.On(Log, Answers.Bytes("almost "u8), Answers.Bytes("all"u8));
        Assert.Equal("almost all", await CopyTextAsync(follow: true));
        Assert.Equal([0, 7], Offsets());
    }

    [Fact]
    public async Task A_followed_log_is_asked_for_again_while_the_job_runs()
    {
        Server.OnJob(SomeJobs.Running(), SomeJobs.Running(), SomeJobs.Running(), SomeJobs.Ended());
        Server.On(Log, Answers.Bytes("a"u8), Answers.Bytes("b"u8), Answers.Bytes("c"u8), Answers.Bytes());
        Assert.Equal("abc", await CopyTextAsync(follow: true));
        Assert.Equal([0, 1, 2, 3], Offsets());
    }

    [Fact]
    public async Task A_log_of_a_job_that_ended_is_asked_for_once()
    {
        Server.OnJob(SomeJobs.Ended()).On(Log, Answers.Bytes("all"u8));
        Assert.Equal("all", await CopyTextAsync(follow: true));
        Assert.Equal([0], Offsets());
    }

    [Fact]
    public async Task Following_waits_until_the_job_has_started()
    {
        Server.OnJob(SomeJobs.Queued(), SomeJobs.Queued(), SomeJobs.Ended()).On(Log, Answers.Bytes("at last"u8));
        Assert.Equal("at last", await CopyTextAsync(follow: true));
        Assert.Contains("GET /api/v1/jobs/1?waitSeconds=30&after=1", Server.Requests);
    }

    [Fact]
    public async Task The_log_of_a_job_that_was_never_started_is_empty()
    {
        var ending = new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, "there is no ./orbits");
        Server.OnJob(SomeJobs.Ended(ending: ending) with { StartedAt = null });
        Server.On(Log, Answers.Problem(404, "notFound", "no log"));
        Assert.Equal("", await CopyTextAsync(follow: true));
    }

    [Fact]
    public async Task An_agent_that_is_away_is_waited_for_when_following()
    {
        Server.OnJob(SomeJobs.Running(), SomeJobs.Running(), SomeJobs.Ended());
        Server.On(Log, Answers.Problem(503, "agentAway", "The agent is away."), Answers.Bytes("back"u8), Answers.Bytes());
        Assert.Equal("back", await CopyTextAsync(follow: true));
    }

    [Fact]
    public async Task An_agent_that_is_away_is_an_error_when_not_following()
    {
        Server.On(Log, Answers.Problem(503, "agentAway", "The agent is away."));
        RequestRefusedException e = await Assert.ThrowsAsync<RequestRefusedException>(() => CopyAsync(follow: false));
        Assert.Equal("agentAway", e.Code);
        Assert.Equal("The agent is away.", e.Message);
    }

    [Fact]
    public async Task A_log_that_is_gone_is_told_from_a_job_that_is_not_there()
    {
        Server.On(Log, Answers.Problem(404, "notFound", "Its files were removed."));
        await Assert.ThrowsAsync<JobNotFoundException>(() => CopyAsync(follow: false));
        Server.OnJob(SomeJobs.Ended());
        FileNotInJobException e = await Assert.ThrowsAsync<FileNotInJobException>(() => CopyAsync(follow: false));
        Assert.Equal("Its files were removed.", e.Message);
    }

    [Fact]
    public async Task The_end_of_a_log_goes_on_after_a_broken_connection_where_the_server_said_it_began()
    {
        Server.On(
            Log,
            http => Begin(http, 100, "ab"),
            Answers.Bytes("cd"u8));
        using var copy = new MemoryStream();
        Assert.Equal(104, await Job.CopyLogAsync(OutputKind.Output, copy, offset: -4));
        Assert.Equal("abcd", Encoding.UTF8.GetString(copy.ToArray()));
        Assert.Equal([-4, 102], Offsets());

        static Task Begin(Microsoft.AspNetCore.Http.HttpContext http, long offset, string text)
        {
            http.Response.Headers["Drover-Log-Offset"] = offset.ToString();
            return Answers.BytesThenBreak(Encoding.UTF8.GetBytes(text))(http);
        }
    }

    [Fact]
    public async Task A_job_that_writes_nothing_for_long_is_no_trouble()
    {
        Server.OnJob(SomeJobs.Running(), SomeJobs.Ended());
        var silence = new TaskCompletionSource();
        Server.On(Log, async _ => await silence.Task, Answers.Bytes());
        var notices = new List<DroverException?>();
        using DroverClient client = NewClient(o => o with { Timeout = TimeSpan.FromMilliseconds(20), OnRetry = notices.Add });
        Task copy = client.Job(new JobId(1)).CopyLogAsync(OutputKind.Output, Stream.Null, follow: true);
        using var later = new CancellationTokenSource(TimeSpan.FromMilliseconds(200)); // Many times what an answer may take.
        later.Token.Register(silence.SetResult);
        await copy;
        Assert.Empty(notices);
        Assert.Equal(2, Server.RequestsTo("/api/v1/jobs/1/log").Count);
    }

    [Fact]
    public async Task What_the_destination_throws_is_thrown()
    {
        Server.On(Log, Answers.Bytes("text"u8));
        using var full = new MemoryStream(new byte[2]);
        await Assert.ThrowsAsync<NotSupportedException>(() => Job.CopyLogAsync(OutputKind.Output, full));
    }

    [Fact]
    public async Task A_canceled_token_ends_following()
    {
        Server.OnJob(SomeJobs.Running());
        using var cancel = new CancellationTokenSource();
        Server.On(Log, Answers.After(cancel.Cancel, Answers.Never));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Job.CopyLogAsync(OutputKind.Error, Stream.Null, follow: true, cancellationToken: cancel.Token));
        Assert.Contains("stream=stderr", Server.RequestsTo("/api/v1/jobs/1/log").Single());
    }

    [Fact]
    public async Task A_followed_log_goes_on_with_that_of_the_next_attempt_from_its_beginning()
    {
        Server.OnJob(Attempt(1), Queued(2), Queued(2), Queued(2), Attempt(2), Last(2));
        Server.On(Log, Answers.Bytes("first, "u8), Answers.Bytes("all of it; "u8), Answers.Bytes("second"u8), Answers.Bytes());
        Assert.Equal("first, all of it; second", await CopyAllAsync());
        Assert.Equal([(1, 0), (1, 7), (2, 0), (2, 6)], Asked());
    }

    [Fact]
    public async Task A_connection_that_breaks_in_a_later_attempt_goes_on_in_the_same_one()
    {
        Server.OnJob(Attempt(1), Queued(2), Queued(2), Attempt(2), Attempt(2), Last(2));
        Server.On(Log, Answers.Bytes("one "u8), Answers.Bytes(), Answers.BytesThenBreak("tw"u8), Answers.Break, Answers.Bytes("o"u8), Answers.Bytes());
        Assert.Equal("one two", await CopyAllAsync());
        Assert.Equal([(1, 0), (1, 4), (2, 0), (2, 2), (2, 2)], Asked().Take(5));
    }

    [Fact]
    public async Task An_attempt_that_was_never_started_has_no_log_and_the_next_one_is_followed()
    {
        Server.OnJob(Attempt(1), Queued(2), Queued(2), Queued(3), Queued(3), Queued(3), Attempt(3), Last(3));
        Server.On(Log, Answers.Bytes("one "u8), Answers.Bytes(), Answers.Problem(404, "notFound", "no log"), Answers.Bytes("three"u8), Answers.Bytes());
        Assert.Equal("one three", await CopyAllAsync());
        Assert.Equal([(1, 0), (1, 4), (2, 0), (3, 0), (3, 5)], Asked());
    }

    [Fact]
    public async Task Attempts_that_ended_before_are_copied_one_after_the_other()
    {
        Server.OnJob(Last(3));
        Server.On(Log, Answers.Bytes("one "u8), Answers.Bytes("two "u8), Answers.Bytes("three"u8));
        using var copy = new MemoryStream();
        Assert.Equal(5, await new LogCopy(Job, OutputKind.Output, copy) { FirstAttempt = 1 }.RunAsync(0, follow: true, default));
        Assert.Equal("one two three", Encoding.UTF8.GetString(copy.ToArray()));
        Assert.Equal([(1, 0), (2, 0), (3, 0)], Asked());
    }

    [Fact]
    public async Task One_attempt_alone_is_followed_to_its_end_and_no_further()
    {
        Server.OnJob(Attempt(1), Attempt(2));
        Server.On(Log, Answers.Bytes("one"u8), Answers.Bytes());
        using var copy = new MemoryStream();
        Assert.Equal(3, await Job.CopyLogAsync(OutputKind.Output, copy, follow: true, attempt: 1));
        Assert.Equal([(1, 0), (1, 3)], Asked());
    }

    private static JobInfo Queued(int attempt) => SomeJobs.Queued() with { Attempt = attempt, Spec = Retried };

    private static JobInfo Attempt(int attempt) => SomeJobs.Running() with { Attempt = attempt, Spec = Retried };

    private static JobInfo Last(int attempt) => SomeJobs.Ended() with { Attempt = attempt, Spec = Retried };

    private static JobSpec Retried => new() { Command = ["./orbits"], Retry = new RetryPolicy(2) };

    /// <summary>Follows the logs of all attempts.</summary>
    private async Task<string> CopyAllAsync()
    {
        using var copy = new MemoryStream();
        await Job.CopyLogAsync(OutputKind.Output, copy, follow: true);
        return Encoding.UTF8.GetString(copy.ToArray());
    }

    /// <summary>Of which attempts the log was asked for, and from where on.</summary>
    private (int Attempt, long Offset)[] Asked() =>
        [.. Server.RequestsTo("/api/v1/jobs/1/log").Zip(Offsets(), (request, offset) => (int.Parse(request.Split("attempt=")[1].Split('&')[0]), offset))];

    private async Task<byte[]> CopyAsync(bool follow)
    {
        using var copy = new MemoryStream();
        long next = await Job.CopyLogAsync(OutputKind.Output, copy, follow: follow);
        Assert.Equal(copy.Length, next);
        return copy.ToArray();
    }

    private async Task<string> CopyTextAsync(bool follow) => Encoding.UTF8.GetString(await CopyAsync(follow));

    private long[] Offsets() =>
        [.. Server.RequestsTo("/api/v1/jobs/1/log").Select(r => long.Parse(r.Split("offset=")[1].Split('&')[0]))];
}
