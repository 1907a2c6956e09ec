using System.Text.Json;

namespace Drover.Cli.Tests.Commands;

public sealed class JobCommandTests : CommandTest
{
    [Fact]
    public async Task Wait_exits_with_the_highest_code_of_several()
    {
        Server.OnJob(SomeJobs.Ended(1)).OnJob(SomeJobs.Ended(2, new Ending.Exited(7))).OnJob(SomeJobs.Ended(3, new Ending.Exited(2)));
        CommandResult result = await RunAsync("wait", "1", "2", "3");
        Assert.Equal(7, result.ExitCode);
        Assert.Equal(["job 1 succeeded", "job 2 exited with code 7", "job 3 exited with code 2"], result.Output.TrimEnd().Split('\n').Order());
    }

    [Fact]
    public async Task Wait_for_a_job_that_is_not_there_does_not_wait_for_the_others()
    {
        Server.On("GET /api/v1/jobs/1", Answers.Never);
        Assert.Equal(3, (await RunAsync("wait", "1", "2")).ExitCode);
    }

    [Fact]
    public async Task Cancel_goes_on_with_the_others_when_one_is_not_there()
    {
        Server.On("POST /api/v1/jobs/2/cancel", Answers.Job(SomeJobs.Running(2)));
        Server.On("POST /api/v1/jobs/3/cancel", Answers.Job(SomeJobs.Ended(3)));
        CommandResult result = await RunAsync("cancel", "1", "2", "3", "--why", "too slow");
        Assert.Equal(3, result.ExitCode);
        Assert.Equal("canceling job 2 (orbits)\njob 3 has ended: succeeded\n", result.Output);
        Assert.Contains("drover: ", result.Error);
    }

    [Fact]
    public async Task Explain_tells_each_step_in_a_line_and_what_to_do_next()
    {
        var explanation = new Explanation
        {
            Job = SomeJobs.Ended(1, new Ending.Exited(3)),
            Summary = "it exited with code 3",
            Steps =
            [
                new() { Sequence = 1, At = SomeJobs.Noon, Attempt = 1, Kind = JobEventKind.Submitted, State = JobState.Queued, Actor = "ada", Cause = "ada submitted it" },
                new() { Sequence = 2, At = SomeJobs.Noon, Attempt = 1, Kind = JobEventKind.Ended, State = JobState.Ended, Actor = "agent", Cause = "it exited", Evidence = "waitid: 3" },
            ],
            Advice = ["look at its standard error"],
        };
        Server.On("GET /api/v1/jobs/1/explanation", Answers.Json(explanation, ProtocolJson.Default.Explanation));
        string[] lines = (await RunAsync("explain", "1")).Output.Split('\n');
        Assert.Equal("job 1 (orbits): it exited with code 3", lines[0]);
        Assert.EndsWith("  submitted  ada    ada submitted it", lines[2], StringComparison.Ordinal);
        Assert.EndsWith("  ended      agent  it exited [waitid: 3]", lines[3], StringComparison.Ordinal);
        Assert.Equal(["what to do next:", "- look at its standard error"], lines[5..7]);
    }

    [Fact]
    public async Task Show_tells_everything_that_is_known()
    {
        Server.OnJob(SomeJobs.Ended(1, new Ending.Exited(3)) with { ProcessId = 4711 });
        string text = (await RunAsync("show", "1")).Output;
        Assert.Contains("state        exited with code 3\n", text);
        Assert.Contains("process      4711\n", text);
        Assert.Contains("command      ./orbits in.json\n", text);
        Assert.DoesNotContain("memory", text);
    }

    [Fact]
    public async Task Tokens_are_printed_alone_on_standard_output()
    {
        Server.On("POST /api/v1/users", Answers.Json(new IssuedToken { Name = "ben", Token = "secret" }, ProtocolJson.Default.IssuedToken, 201));
        Server.On("POST /api/v1/agents", Answers.Json(new IssuedToken { Name = "ada@nersc", Token = "other" }, ProtocolJson.Default.IssuedToken, 201));
        Assert.Equal("secret\n", (await RunAsync("admin", "user", "ben")).Output);
        Assert.Equal("other\n", (await RunAsync("admin", "agent", "--site", "nersc")).Output);
    }

    [Fact]
    public async Task A_token_says_until_when_it_is_good_and_how_it_is_taken_back()
    {
        Server.On("POST /api/v1/tokens", Answers.Json(
            new IssuedToken { Name = "ben", Token = "secret", Id = "0123456789ab", ExpiresAt = DateTimeOffset.UnixEpoch }, ProtocolJson.Default.IssuedToken, 201));
        CommandResult made = await RunAsync("admin", "token", "--user", "ben", "--valid", "30d");
        Assert.Equal("secret\n", made.Output);
        Assert.Contains("good until 1970-01-01 00:00 UTC", made.Error);
        Assert.Contains("drover admin revoke 0123456789ab", made.Error);
        Assert.Equal(2, (await RunAsync("admin", "token", "--valid", "soon")).ExitCode);
    }

    [Fact]
    public async Task Tokens_are_listed_and_revoked_by_their_number_or_all_of_a_user()
    {
        TokenInfo[] tokens =
        [
            new TokenInfo { Id = "0123456789ab", User = "ben", CreatedAt = DateTimeOffset.UnixEpoch },
            new TokenInfo { Id = "ba9876543210", User = "ben", Agent = "ben@lab", CreatedAt = DateTimeOffset.UnixEpoch, ExpiresAt = DateTimeOffset.UnixEpoch.AddDays(1) },
            new TokenInfo { Id = "aaaaaaaaaaaa", User = "eve\e[2J", CreatedAt = DateTimeOffset.UnixEpoch },
        ];
        Server.On("GET /api/v1/tokens", Answers.Json<IReadOnlyList<TokenInfo>>(tokens, ProtocolJson.Default.IReadOnlyListTokenInfo));
        string listed = (await RunAsync("admin", "tokens")).Output;
        Assert.Contains("agent ben@lab", listed);
        Assert.Contains("never", listed);
        Assert.DoesNotContain('\e', listed);

        foreach (TokenInfo token in tokens)
        {
            Server.On($"DELETE /api/v1/tokens/{token.Id}", Answers.Text("", status: 204));
        }

        Assert.Equal(0, (await RunAsync("admin", "revoke", "aaaaaaaaaaaa")).ExitCode);
        Assert.Contains("2 tokens are revoked", (await RunAsync("admin", "revoke", "--user", "ben")).Error);
        Assert.Equal(2, (await RunAsync("admin", "revoke")).ExitCode);
    }

    [Fact]
    public async Task The_tree_is_shown_without_what_a_terminal_would_obey()
    {
        Server.On("GET /api/v1/tree", Answers.Text("supervision\n  job 1 \e[2J\n"));
        Assert.Equal("supervision\n  job 1 \\x1b[2J\n", (await RunAsync("tree")).Output);
    }

    [Fact]
    public async Task Inputs_that_a_killed_server_has_forgotten_are_uploaded_again()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "in.txt"), "data");
        Server.On("POST /api/v1/inputs/missing", async http =>
        {
            HashList asked = (await JsonSerializer.DeserializeAsync(http.Request.Body, ProtocolJson.Default.HashList))!;
            await Answers.Json(asked, ProtocolJson.Default.HashList)(http);
        });
        Server.On("POST /api/v1/inputs/pack", Answers.Bytes());
        Server.OnAny(http =>
        {
            http.Response.Headers["Upload-Offset"] = "0";
            http.Response.Headers["Upload-Complete"] = "?0";
            return Task.CompletedTask;
        });
        Server.On("POST /api/v1/jobs", Answers.Problem(409, "inputsMissing", "There are no such inputs."), Answers.Job(SomeJobs.Running()));
        CommandResult result = await RunAsync("submit", "--input", "in.txt", "--", "cat", "in.txt");
        Assert.Equal((0, "1\n"), (result.ExitCode, result.Output));
        Assert.Equal(2, Server.RequestsTo("/api/v1/inputs/pack").Count);
    }

    [Fact]
    public async Task Links_of_inputs_that_lead_outside_are_refused_with_the_option_that_has_them_followed()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "model"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "mesh"), "data");
        File.CreateSymbolicLink(Path.Combine(Folder, "model", "mesh"), Path.Combine(Folder, "mesh"));
        Server.On("POST /api/v1/inputs/missing", Answers.Json(new HashList { Hashes = [] }, ProtocolJson.Default.HashList));
        Server.On("POST /api/v1/jobs", Answers.Job(SomeJobs.Running()));
        CommandResult refused = await RunAsync("submit", "--input", "model", "--", "cat", "model/mesh");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Have links followed (--follow-links", refused.Error);
        CommandResult followed = await RunAsync("submit", "--input", "model", "--follow-links", "--", "cat", "model/mesh");
        Assert.Equal((0, "1\n"), (followed.ExitCode, followed.Output));
    }

    [Fact]
    public async Task Inputs_that_are_missing_again_are_an_error()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "in.txt"), "data");
        Server.On("POST /api/v1/inputs/missing", Answers.Json(new HashList { Hashes = [] }, ProtocolJson.Default.HashList));
        Server.On("POST /api/v1/jobs", Answers.Problem(409, "inputsMissing", "There are no such inputs."));
        CommandResult result = await RunAsync("submit", "--input", "in.txt", "--", "cat", "in.txt");
        Assert.Equal((1, "drover: There are no such inputs.\n"), (result.ExitCode, result.Error));
        Assert.Equal(2, Server.RequestsTo("/api/v1/jobs").Count);
    }
}
