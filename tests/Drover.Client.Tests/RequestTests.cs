using System.Net;
using System.Net.Sockets;

namespace Drover.Client.Tests;

public sealed class RequestTests : ClientTest
{
    [Fact]
    public async Task A_submitted_job_is_described_as_the_protocol_says()
    {
        string body = "";
        Server.On("POST /api/v1/jobs", async http =>
        {
            using var reader = new StreamReader(http.Request.Body);
            body = await reader.ReadToEndAsync();
            await Answers.Job(SomeJobs.Queued())(http);
        });
        JobInfo job = await Client.SubmitAsync(new JobSpec { Command = ["./orbits"], Cpus = 2, TimeLimitSeconds = 7200 });
        Assert.Equal(new JobId(1), job.Id);
        Assert.Equal("""{"command":["./orbits"],"site":"local","cpus":2,"timeLimitSeconds":7200,"priority":0}""", body);
    }

    [Fact]
    public async Task A_reading_request_is_repeated_after_a_broken_connection()
    {
        Server.On("GET /api/v1/jobs/1", Answers.Break, Answers.Job(SomeJobs.Running()));
        Assert.Equal(JobState.Running, (await Job.GetAsync()).State);
    }

    [Fact]
    public async Task A_submit_whose_answer_was_lost_is_repeated_under_the_same_key()
    {
        var keys = new List<string>();
        Answer Noting(Answer answer) => http =>
        {
            keys.Add(http.Request.Headers["Idempotency-Key"].Single()!);
            return answer(http);
        };
        Server.On("POST /api/v1/jobs", Noting(Answers.Break), Noting(Answers.Job(SomeJobs.Queued())));
        await Client.SubmitAsync(new JobSpec { Command = ["true"] });
        await Client.SubmitAsync(new JobSpec { Command = ["true"] });
        await Client.SubmitAsync(new JobSpec { Command = ["true"] }, new SubmitOptions { IdempotencyKey = "mine" });
        Assert.Equal(4, keys.Count);
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[1], keys[2]); // Another submit of the same is another job.
        Assert.Equal("mine", keys[3]);
    }

    [Fact]
    public async Task What_has_no_key_and_may_have_arrived_is_not_repeated()
    {
        Server.On("POST /api/v1/server/stop", Answers.Break);
        ServerUnreachableException e = await Assert.ThrowsAsync<ServerUnreachableException>(() => Client.StopServerAsync());
        Assert.True(e.MayHaveBeenSent);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task A_submit_to_a_server_that_stops_is_repeated()
    {
        Server.On("POST /api/v1/jobs", Answers.Problem(503, "stopping", "The server is being stopped."), Answers.Job(SomeJobs.Queued()));
        await Client.SubmitAsync(new JobSpec { Command = ["true"] });
        Assert.Equal(2, Server.Requests.Count);
    }

    [Fact]
    public async Task Cancelling_is_repeated_because_twice_is_as_good_as_once()
    {
        Server.On("POST /api/v1/jobs/1/cancel", Answers.Break, Answers.Job(SomeJobs.Running()));
        await Job.CancelAsync(new CancelRequest { Why = "too slow" });
        Assert.Equal(2, Server.Requests.Count);
    }

    [Fact]
    public async Task Without_a_server_the_error_says_where_none_was_and_that_nothing_was_sent()
    {
        Uri nowhere = Server.Url;
        await Server.DisposeAsync();
        using DroverClient client = NewClient(o => o with { RetryFor = TimeSpan.Zero, Server = nowhere });
        ServerUnreachableException e = await Assert.ThrowsAsync<ServerUnreachableException>(
            () => client.SubmitAsync(new JobSpec { Command = ["true"] }));
        Assert.False(e.MayHaveBeenSent);
        Assert.Contains(nowhere.Authority, e.Message);
    }

    [Fact]
    public async Task A_connection_that_is_reset_as_soon_as_it_is_made_is_made_again()
    {
        Server.On("POST /api/v1/server/stop", Answers.Text("", "text/plain", 202));
        int made = 0;
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
                Interlocked.Increment(ref made) == 1 ? await ResetAsync() : await ConnectAsync(Server.Url.Port, cancellationToken),
        };
        using DroverClient client = NewClient(o => o with { Handler = handler });
        await client.StopServerAsync();
        Assert.Equal(2, made);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_an_unreachable_server()
    {
        Server.On("GET /api/v1/server", Answers.Never);
        using DroverClient client = NewClient(o => o with { RetryFor = TimeSpan.Zero, Timeout = TimeSpan.FromMilliseconds(50) });
        ServerUnreachableException e = await Assert.ThrowsAsync<ServerUnreachableException>(() => client.GetServerAsync());
        Assert.True(e.MayHaveBeenSent);
    }

    [Fact]
    public async Task A_token_that_the_server_does_not_know_is_unauthorized()
    {
        using DroverClient client = NewClient(o => o with { Token = "guess" });
        UnauthorizedException e = await Assert.ThrowsAsync<UnauthorizedException>(() => client.GetServerAsync());
        Assert.Equal("The server does not know this token.", e.Message);
    }

    [Fact]
    public async Task A_refusal_has_the_servers_sentence_and_word()
    {
        Server.On("POST /api/v1/jobs", Answers.Problem(507, "diskFull", "The disk of the data folder is full: make room."));
        RequestRefusedException e = await Assert.ThrowsAsync<RequestRefusedException>(
            () => Client.SubmitAsync(new JobSpec { Command = ["true"] }));
        Assert.Equal((507, "diskFull", "The disk of the data folder is full: make room."), (e.Status, e.Code, e.Message));
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task A_job_that_is_not_there_is_not_found()
    {
        JobNotFoundException e = await Assert.ThrowsAsync<JobNotFoundException>(() => Client.Job(new JobId(99)).ExplainAsync());
        Assert.Equal(new JobId(99), e.Job);
    }

    [Theory]
    [InlineData("<html>hello</html>", "text/html", 200)]
    [InlineData("{}", "application/json", 200)]
    [InlineData("nothing here", "text/plain", 404)]
    public async Task What_is_no_Drover_server_is_told_as_such(string text, string type, int status)
    {
        Server.On("GET /api/v1/server", Answers.Text(text, type, status));
        await Assert.ThrowsAsync<UnexpectedAnswerException>(() => Client.GetServerAsync());
    }

    [Fact]
    public async Task Members_of_a_newer_server_are_skipped()
    {
        Server.On("GET /api/v1/server", Answers.Text(
            """{"version":"9","user":"ada","startedAt":"2026-05-04T12:00:00+00:00","mood":"good"}""", "application/json"));
        Assert.Equal("9", (await Client.GetServerAsync()).Version);
    }

    [Fact]
    public async Task All_jobs_are_listed_page_by_page()
    {
        Server.On(
            "GET /api/v1/jobs",
            Answers.Json(new JobList { Jobs = [SomeJobs.Running(3), SomeJobs.Ended(2)], Next = new JobId(2) }, ProtocolJson.Default.JobList),
            Answers.Json(new JobList { Jobs = [SomeJobs.Ended(1)] }, ProtocolJson.Default.JobList));
        var ids = new List<long>();
        await foreach (JobInfo job in Client.ListAllJobsAsync())
        {
            ids.Add(job.Id.Value);
        }

        Assert.Equal([3, 2, 1], ids);
        Assert.EndsWith("&before=2", Server.Requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_token_is_not_in_what_is_shown_of_the_options() =>
        Assert.DoesNotContain(FakeServer.Token, Client.Options.ToString());

    /// <summary>A connection whose other end has reset it already.</summary>
    private static async Task<Stream> ResetAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<Socket> accepting = listener.AcceptSocketAsync();
        Stream ours = await ConnectAsync(((IPEndPoint)listener.LocalEndpoint).Port, CancellationToken.None);
        using Socket theirs = await accepting;
        theirs.LingerState = new LingerOption(true, 0);
        return ours;
    }

    private static async Task<Stream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
