namespace Drover.EndToEnd.Tests;

/// <summary>What is kept of a job after its end: results that are given again, files that are removed after a while.</summary>
public sealed class KeptResultTests
{
    [Fact]
    public async Task The_same_job_again_gets_the_earlier_result_at_once_and_that_is_said()
    {
        await using var drover = new Installation();
        await drover.InitializeAsync();
        await File.WriteAllTextAsync(drover.PathOf("in.json"), "21\n");
        await File.WriteAllTextAsync(drover.PathOf("simulate"), "#!/bin/sh\nwc -c < $1; date +%s%N\n");
        File.SetUnixFileMode(drover.PathOf("simulate"), (UnixFileMode)0b111_101_101);
        string[] same = ["run", "--input", "in.json", "--env", "MODE=fast", "--", "./simulate", "in.json"];
        string first = (await drover.RunAsync(same)).Exits(0).Text;
        await GivenAgainAsync(1);
        (await drover.RunAsync("down")).Exits(0);
        await drover.UpAsync();
        await GivenAgainAsync(1);
        Assert.Equal("1\n", (await drover.RunAsync(["submit", .. same[1..]])).Exits(0).Text);
        string anew = (await drover.RunAsync(["run", "--force", .. same[1..]])).Exits(0).Text;
        Assert.NotEqual(first, anew);
        first = anew;
        await GivenAgainAsync(2);
        await File.WriteAllTextAsync(drover.PathOf("in.json"), "another\n");
        Assert.StartsWith("8\n", (await drover.RunAsync(same)).Exits(0).Text, StringComparison.Ordinal);
        Assert.Equal(3, (await drover.Client.ListJobsAsync()).Jobs.Count);

        async Task GivenAgainAsync(long job)
        {
            CommandResult again = (await drover.RunAsync(same)).Exits(0);
            Assert.Equal(first, again.Text);
            Assert.Matches($"^drover: job {job} did the same .* and succeeded: this is its result; --force runs it anew\n$", again.Error);
        }
    }

    [Fact]
    public async Task Run_directories_go_when_their_time_is_over_and_the_record_stays_and_says_so()
    {
        await using var drover = new Installation();
        Directory.CreateDirectory(drover.Data);
        await File.WriteAllTextAsync(Path.Combine(drover.Data, "drover.yaml"), "jobs:\n  keepFiles: 1s\n");
        await drover.InitializeAsync();
        foreach (string[] options in (string[][])[[], ["--pin"]])
        {
            (await drover.RunAsync(["run", .. options, "--", "sh", "-c", "echo done; echo 42 > $DROVER_RUN_DIR/result"])).Exits(0);
        }

        JobHandle job = drover.Client.Job(new JobId(1));
        string runs = Path.Combine(drover.AgentFolder, "runs");
        await Eventually.IsTrueAsync(async () => (await job.GetAsync()).State == JobState.Purged, "the removal of its files");
        Assert.False(Directory.Exists(Path.Combine(runs, "1")));
        Assert.True(File.Exists(Path.Combine(runs, "2", "result")));
        const string Words = "The files of job 1 were removed at .* UTC: this server keeps files for 1 s after the end";
        foreach (string[] command in (string[][])[["log", "1"], ["files", "1"], ["get", "1", "result"]])
        {
            CommandResult refused = await drover.RunAsync(command);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Matches($"^drover: {Words}", refused.Error);
        }

        string shown = (await drover.RunAsync("show", "1")).Exits(0).Text;
        Assert.Contains("succeeded", shown);
        Assert.Matches("files +removed", shown);
        Assert.Contains("purged", (await drover.RunAsync("explain", "1")).Exits(0).Text);
        Assert.Equal("42\n", (await drover.RunAsync("get", "2", "result", "-")).Exits(0).Text); // It is pinned.
        (await drover.RunAsync("unpin", "2")).Exits(0);
        await Eventually.IsTrueAsync(async () => (await drover.Client.Job(new JobId(2)).GetAsync()).State == JobState.Purged, "the removal of the other's");
        (await drover.RunAsync("pin", "2")).Exits(1);
    }
}
