namespace Drover.EndToEnd.Tests;

/// <summary>Server, agent and keeper are killed at random moments, again and again, while jobs come, run, and are followed.</summary>
public sealed class RandomKillTests
{
    private const string Script = """
        echo begun >> $1
        for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "line $i"; printf 'error %s ' $i >&2; sleep 0.1; done
        echo ended >> $1
        exit $2
        """;

    private static readonly int s_rounds = Environment.GetEnvironmentVariable("DROVER_SOAK") is { Length: > 0 } ? 60 : 4;
    private static readonly string s_output = string.Concat(Enumerable.Range(1, 12).Select(i => $"line {i}\n"));
    private static readonly string s_error = string.Concat(Enumerable.Range(1, 12).Select(i => $"error {i} "));

    public static TheoryData<string[]> Victims => new(["server"], ["agent"], ["server", "agent"], ["server", "agent", "keeper"]);

    [Theory]
    [MemberData(nameof(Victims))]
    public async Task Every_job_runs_once_and_ends_as_it_did_and_is_heard_without_gap(string[] victims)
    {
        int seed = Random.Shared.Next();
        TestContext.Current.SendDiagnosticMessage("seed {0}", seed);
        var random = new Random(seed);
        await using var drover = new Installation();
        await drover.InitializeAsync();
        var jobs = new List<(JobHandle Job, int Number, Task<string> Output, Task<string> Error)>();
        bool keeperDies = victims.Contains("keeper");
        for (int round = 0; round < s_rounds; round++)
        {
            int number = round + 1;
            JobHandle job = await drover.SubmitAsync("sh", "-c", Script, "sh", $"story-{number}", $"{number}");
            jobs.Add((job, number, job.LogAsync(follow: true), job.LogAsync(OutputKind.Error, follow: true)));
            await Task.Delay(random.Next(400)); // The moment is what is tried.
            string[] chosen = victims.Length == 1 ? victims : [.. victims.Where(_ => random.Next(2) == 0)];
            await Installation.KillAsync([.. chosen.Select(name => name == "server" ? drover.Server : name == "agent" ? drover.Agent : drover.Keeper)]);
            await drover.UpAsync();
        }

        foreach ((JobHandle job, int number, Task<string> output, Task<string> error) in jobs)
        {
            JobInfo info = await job.EndAsync();
            string told = $"seed {seed}, job {job.Id}: {info.End!.Ending} ({info.End.Evidence})";
            await job.HasEndedOnceAsync();
            string story = File.Exists(drover.PathOf($"story-{number}")) ? await File.ReadAllTextAsync(drover.PathOf($"story-{number}")) : "";
            if (keeperDies && info.End.Ending is Ending.Lost)
            {
                // Nobody can know its exit code. It has run at most once, and what it wrote is there all the same.
                Assert.True(story is "" or "begun\nended\n", $"{told}; its story is '{story}'");
                Assert.Equal(story.Length == 0 ? "" : s_output, await Eventually.EndsAsync(output, () => told));
                Assert.Equal(story.Length == 0 ? "" : s_error, await Eventually.EndsAsync(error, () => told));
                continue;
            }

            Assert.True(info.End.Ending == new Ending.Exited(number), told);
            Assert.True(story == "begun\nended\n", $"{told}; its story is '{story}'");
            Assert.Equal(s_output, await Eventually.EndsAsync(output, () => told));
            Assert.Equal(s_error, await Eventually.EndsAsync(error, () => told));
            Assert.Equal(s_output, await job.LogAsync());
            Assert.Empty(drover.ProcessesOf(job));
        }
    }
}
