namespace Drover.EndToEnd.Tests;

/// <summary>Arrays, workflows and dependencies with real processes, which are killed.</summary>
public sealed class ArrayTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task Each_job_of_an_array_knows_its_place_and_so_many_run_at_once()
    {
        string folder = NewFolder();
        ArrayHandle array = await SubmitAsync(
            folder,
            "1-40:3",
            atOnce: 2,
            """
            mkdir "running.$DROVER_ARRAY_INDEX"; ls -d running.* | wc -l >> most
            echo "$DROVER_ARRAY_ID $DROVER_ARRAY_INDEX" > "out.$DROVER_ARRAY_INDEX"
            sleep 0.05; rmdir "running.$DROVER_ARRAY_INDEX"; [ "$DROVER_ARRAY_INDEX" != 7 ]
            """);
        ArrayInfo end = await EndAsync(array);
        Assert.Equal((14, 13, 1), (end.Count, end.Succeeded, end.Failed));
        for (int index = 1; index <= 40; index += 3)
        {
            Assert.Equal($"{array.Id} {index}\n", await File.ReadAllTextAsync(Path.Combine(folder, $"out.{index}")));
        }

        Assert.All(await File.ReadAllLinesAsync(Path.Combine(folder, "most")), line => Assert.InRange(int.Parse(line), 1, 2));
        JobHandle failed = await array.JobAsync(7);
        Assert.Equal(new Ending.Exited(1), (await failed.GetAsync()).End!.Ending);
        ArrayExplanation story = await array.ExplainAsync();
        Assert.Equal(["succeeded", "exited with code 1"], story.Endings.Select(group => group.What));
    }

    [Fact]
    public async Task A_job_outside_of_an_array_has_no_place_in_one()
    {
        JobHandle job = await _drover.SubmitAsync("sh", "-c", "env | grep -c DROVER_ARRAY_");
        await job.EndAsync();
        Assert.Equal("0\n", await job.LogAsync());
    }

    [Theory]
    [InlineData("server")]
    [InlineData("server", "agent")]
    [InlineData("server", "agent", "keeper")]
    public async Task An_array_and_who_comes_after_it_outlive(params string[] killed)
    {
        string folder = NewFolder();
        ArrayHandle array = await SubmitAsync(
            folder, "0-5", atOnce: 2, "echo $DROVER_ARRAY_INDEX >> begun; [ $DROVER_ARRAY_INDEX -lt 2 ] || until [ -e go ]; do sleep 0.02; done");
        JobHandle after = _drover.Client.Job((await _drover.Client.SubmitAsync(new JobSpec
        {
            Command = ["sh", "-c", "sort begun"],
            WorkingDirectory = folder,
            After = [new Dependency(array.Id, DependencyKind.Ended)],
        })).Id);
        string begun = Path.Combine(folder, "begun");
        await Eventually.IsTrueAsync(async () => (await array.GetAsync()) is { Succeeded: 2, Running: 2 }, "two that ended and two that run");
        await Eventually.IsTrueAsync(() => File.ReadAllLines(begun).Length == 4, "the first words of four");
        Task<ArrayInfo> waiting = EndAsync(array);
        await Installation.KillAsync(
            killed.Contains("server") ? _drover.Server : null, killed.Contains("agent") ? _drover.Agent : null, killed.Contains("keeper") ? _drover.Keeper : null);
        await _drover.UpAsync();
        await Eventually.IsTrueAsync(async () => (await array.GetAsync()) is { Running: 2, Unknown: 0 }, "the two that run to be known again");
        Assert.Equal(4, (await File.ReadAllLinesAsync(begun)).Length);
        Assert.Equal(JobState.Queued, (await after.GetAsync()).State);
        await File.WriteAllTextAsync(Path.Combine(folder, "go"), "");
        ArrayInfo end = await waiting;
        Assert.Equal(6, end.Succeeded + end.Failed);
        Assert.Equal(killed.Contains("keeper") ? 2 : 0, end.Failed); // Nobody saw how those two ended.
        Assert.Equal(new Ending.Exited(0), await after.EndingAsync());
        Assert.Equal("0\n1\n2\n3\n4\n5\n", await after.LogAsync());
    }

    [Fact]
    public async Task An_array_is_canceled_with_all_that_comes_after_it()
    {
        ArrayHandle array = await SubmitAsync(NewFolder(), "1-500", atOnce: 3, "sleep 1000");
        JobInfo after = await _drover.Client.SubmitAsync(new JobSpec { Command = ["true"], After = [new Dependency(array.Id)] });
        await Eventually.IsTrueAsync(async () => (await array.GetAsync()).Running > 0, "one that runs");
        await array.CancelAsync(new CancelRequest { Why = "enough", GraceSeconds = 1 });
        ArrayInfo end = await EndAsync(array);
        Assert.Equal(500, end.Failed);
        Ending.Canceled canceled = Assert.IsType<Ending.Canceled>(await _drover.Client.Job(after.Id).EndingAsync());
        Assert.Equal("drover", canceled.By);
        Assert.Contains($"of array {array.Id}, all of which had to succeed first, was canceled by", canceled.Why);
    }

    [Fact]
    public async Task A_workflow_runs_its_steps_one_after_the_other()
    {
        string folder = NewFolder();
        WorkflowInfo accepted = await _drover.Client.SubmitWorkflowAsync(new Workflow
        {
            Name = "study",
            Steps =
            [
                Step("sum", "cat part.* | sort -n | tr '\\n' ' ' > sum", "parts"),
                Step("parts", "echo $((DROVER_ARRAY_INDEX * $(cat factor))) > part.$DROVER_ARRAY_INDEX", "factor") with { Indices = "1-5" },
                Step("factor", "echo 10 > factor"),
                Step("excuse", "touch excuse") with { After = [new StepDependency("sum", DependencyKind.Failed)] },
            ],
        });
        Assert.Equal(new Ending.Exited(0), await _drover.Client.Job(accepted.Steps["sum"]).EndingAsync());
        Assert.Equal("10 20 30 40 50 ", await File.ReadAllTextAsync(Path.Combine(folder, "sum")));
        JobHandle excuse = _drover.Client.Job(accepted.Steps["excuse"]);
        Assert.IsType<Ending.Canceled>(await excuse.EndingAsync());
        Explanation story = await excuse.ExplainAsync();
        Assert.Contains($"job {accepted.Steps["sum"]}, which had to fail first, succeeded", story.Summary);

        WorkflowStep Step(string key, string script, params string[] after) => new()
        {
            Key = key,
            Job = new JobSpec { Command = ["sh", "-c", script], WorkingDirectory = folder },
            After = [.. after.Select(other => new StepDependency(other))],
        };
    }

    [Fact]
    public async Task A_job_that_is_tried_again_has_not_ended_for_those_who_wait_for_it()
    {
        string folder = NewFolder();
        JobInfo first = await _drover.Client.SubmitAsync(new JobSpec
        {
            Command = ["sh", "-c", "echo x >> tries; [ $(wc -l < tries) = 3 ]"],
            WorkingDirectory = folder,
            Retry = new RetryPolicy { Retries = 3, DelaySeconds = 0.1 },
        });
        JobInfo after = await _drover.Client.SubmitAsync(new JobSpec
        {
            Command = ["cat", "tries"],
            WorkingDirectory = folder,
            After = [new Dependency(first.Id)],
        });
        Assert.Equal(new Ending.Exited(0), await _drover.Client.Job(after.Id).EndingAsync());
        Assert.Equal("x\nx\nx\n", await _drover.Client.Job(after.Id).LogAsync());
    }

    private string NewFolder() => Directory.CreateDirectory(_drover.PathOf(Guid.NewGuid().ToString("N"))).FullName;

    private Task<ArrayHandle> SubmitAsync(string folder, string indices, int? atOnce, string script) => _drover.Client.SubmitArrayAsync(new ArraySpec
    {
        Job = new JobSpec { Command = ["sh", "-c", script], WorkingDirectory = folder },
        Indices = indices,
        AtOnce = atOnce,
    });

    private static async Task<ArrayInfo> EndAsync(ArrayHandle array)
    {
        using var patience = new CancellationTokenSource(Eventually.Patience);
        return await array.WaitAsync(patience.Token);
    }
}
