using System.Text.Json;

namespace Drover.Cli.Tests.Commands;

public sealed class ListTests : CommandTest
{
    [Fact]
    public async Task List_shows_what_is_going_on_and_then_what_ended()
    {
        OnList(
            [SomeJobs.Queued(18), SomeJobs.Running(17) with { Progress = new Progress { Fraction = 0.419, Message = "step 4 of 10" } }],
            [SomeJobs.Ended(16, new Ending.Exited(3)), SomeJobs.Ended(15)]);
        CommandResult result = await RunAsync("list");
        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            """
            ID  NAME    STATE      SITUATION                               PROGRESS          ELAPSED  SITE
            18  orbits  queued     waiting for 4 of 4 CPUs, behind job 17                      1m 5s  local
            17  orbits  running                                            41% step 4 of 10    1m 4s  local
            16  orbits  failed(3)  ended 1m ago                                                  4 s  local
            15  orbits  succeeded  ended 1m ago                                                  4 s  local

            """,
            result.Output);
    }

    [Fact]
    public async Task List_keeps_to_the_width_of_the_terminal()
    {
        OnList([SomeJobs.Queued(18) with { Name = new string('n', 200) }], [SomeJobs.Ended(16)]);
        CommandResult result = await RunAsync(new CommandOutput(width: 72), "list");
        Assert.All(result.Output.TrimEnd().Split('\n'), line => Assert.InRange(line.Length, 1, 72));
        Assert.Contains("…", result.Output);
    }

    [Fact]
    public async Task Names_cannot_command_the_terminal()
    {
        OnList([SomeJobs.Running(1) with { Name = "a\e[2Jb\nc\u202ed" }], []);
        CommandResult result = await RunAsync(new CommandOutput(hasColors: true), "list");
        Assert.Contains(@"a\x1b[2Jb\nc\u202ed", result.Output);
    }

    [Fact]
    public async Task Colors_are_only_for_terminals()
    {
        OnList([SomeJobs.Running(1)], []);
        Assert.DoesNotContain("\e", (await RunAsync("list")).Output);
        Assert.Contains("\e[36mrunning\e[0m", (await RunAsync(new CommandOutput(hasColors: true), "list")).Output);
    }

    [Fact]
    public async Task With_json_each_line_is_a_job_of_the_API()
    {
        OnList([SomeJobs.Queued(2)], [SomeJobs.Ended(1)]);
        string[] lines = (await RunAsync("list", "--json")).Output.TrimEnd().Split('\n');
        Assert.Equal([2, 1], lines.Select(l => JsonSerializer.Deserialize(l, ProtocolJson.Default.JobInfo)!.Id.Value));
    }

    [Fact]
    public async Task A_job_that_ends_between_the_two_requests_is_shown_once_as_ended()
    {
        OnList([SomeJobs.Running(1)], [SomeJobs.Ended(1)]);
        string[] lines = (await RunAsync("list")).Output.TrimEnd().Split('\n');
        Assert.Contains("succeeded", Assert.Single(lines[1..]));
    }

    [Fact]
    public async Task An_empty_list_says_how_to_begin()
    {
        OnList([], []);
        CommandResult result = await RunAsync("list");
        Assert.Equal(("", "drover: there are no jobs yet; `drover run COMMAND` runs one\n"), (result.Output, result.Error));
    }

    [Fact]
    public async Task A_limit_limits_all_that_is_shown()
    {
        OnList([SomeJobs.Queued(5), SomeJobs.Running(4), SomeJobs.Running(3)], [SomeJobs.Ended(2), SomeJobs.Ended(1)]);
        Assert.Equal(["5", "4", "3"], await IdsAsync("--limit", "3"));
        Assert.Equal(["5", "4", "3", "2"], await IdsAsync("--limit", "4"));
        Assert.Equal(["5"], await IdsAsync("--limit", "1", "--array", "1"));
        Assert.Equal(2, (await RunAsync("list", "--limit", "0")).ExitCode);
    }

    [Fact]
    public async Task What_is_listed_is_chosen_by_the_server()
    {
        OnList([SomeJobs.Queued(5)], []);
        await IdsAsync("--state", "signaled", "--name", "a b*", "--site", "lab", "--user", "all", "--sort", "ended", "--limit", "7");
        Assert.Equal(
            "GET /api/v1/jobs?limit=7&state=signaled&name=a%20b%2A&site=lab&user=all&sort=ended", Assert.Single(Server.RequestsTo("/api/v1/jobs")));
        Assert.Contains("USER", (await RunAsync("list", "--user", "all")).Output);
        Assert.DoesNotContain("USER", (await RunAsync("list")).Output);
    }

    private async Task<string[]> IdsAsync(params string[] options) =>
        [.. (await RunAsync(["list", .. options])).Output.TrimEnd('\n').Split('\n')[1..].Select(line => line.TrimStart().Split(' ')[0])];

    private void OnList(JobInfo[] unfinished, JobInfo[] ended) => Server.On("GET /api/v1/jobs", http =>
    {
        JobInfo[] jobs = http.Request.Query["state"] == "ended" ? ended : unfinished;
        return Answers.Json(new JobList { Jobs = [.. jobs.Take(int.Parse(http.Request.Query["limit"]!))] }, ProtocolJson.Default.JobList)(http);
    });
}
