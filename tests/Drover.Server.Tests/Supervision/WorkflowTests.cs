using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class WorkflowTests : IDisposable
{
    private readonly Servers _servers = new() { Options = new() { Sites = [new() { Name = "local", Cpus = 100 }] } };

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void Its_jobs_run_in_the_order_that_they_depend_on_each_other()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo before = await server.SubmitAsync(Alice, Spec());
            WorkflowInfo accepted = await SubmitAsync(
                server,
                Step("report", "sum up"),
                Step("sum up", "runs") with { Job = Spec() with { After = [new Dependency(before.Id)], Name = "sum" } },
                Step("runs", "prepare") with { Indices = "1-3", AtOnce = 2 },
                Step("prepare"),
                Step("tidy") with { After = [new StepDependency("runs", DependencyKind.Ended)] });
            Assert.Equal(
                new Dictionary<string, JobId> { ["prepare"] = new(2), ["runs"] = new(3), ["sum up"] = new(7), ["report"] = new(8), ["tidy"] = new(9) },
                accepted.Steps.ToDictionary());
            JobInfo sum = await server.FindAsync(Alice, accepted.Steps["sum up"]);
            Assert.Equal("sum", sum.Name);
            Assert.Equal([new Dependency(before.Id), new Dependency(accepted.Steps["runs"])], sum.Spec.After);
            Assert.Equal(("runs", 3), ((await server.FindArrayAsync(Alice, accepted.Steps["runs"])).Name, (await server.FindArrayAsync(Alice, accepted.Steps["runs"])).Count));

            await EndNextAsync(server, agent, before.Id);
            await EndNextAsync(server, agent, accepted.Steps["prepare"]);
            for (long number = 4; number <= 6; number++)
            {
                await EndNextAsync(server, agent, new JobId(number));
            }

            await EndNextAsync(server, agent, accepted.Steps["sum up"]);
            JobId[] last = [(await agent.NextRunAsync()).Attempt.Job, (await agent.NextRunAsync()).Attempt.Job];
            Assert.Equal([accepted.Steps["report"], accepted.Steps["tidy"]], last.Order());
        });
    }

    [Fact]
    public void A_step_that_fails_ends_what_comes_after_it_and_nothing_else()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            WorkflowInfo accepted = await SubmitAsync(
                server, Step("a"), Step("b", "a"), Step("c", "b"), Step("mourn") with { After = [new StepDependency("a", DependencyKind.Failed)] });
            RunOrder order = await agent.NextRunAsync();
            agent.Started(order.Attempt);
            agent.Ended(order.Attempt, new Ending.Exited(1));
            Assert.Equal(accepted.Steps["mourn"], (await agent.NextRunAsync()).Attempt.Job);
            foreach (string key in (string[])["b", "c"])
            {
                JobInfo end = await server.WaitAsync(Alice, accepted.Steps[key], TimeSpan.FromDays(1), job => job.State == JobState.Ended);
                Assert.IsType<Ending.Canceled>(end.End!.Ending);
            }
        });
    }

    public static TheoryData<string, WorkflowStep[]> Wrong => new()
    {
        { "has 1 to 1000 steps; this one has 0", [] },
        { "has 1 to 1000 steps; this one has 1001", [.. Enumerable.Range(0, 1001).Select(i => Step($"s{i}"))] },
        { "Two steps have the key 'a'", [Step("a"), Step("a")] },
        { "has an empty key", [Step(" ")] },
        { "Step 'a' comes after itself", [Step("a", "a")] },
        { "Step 'a' comes after 'b', which is no step of this workflow", [Step("a", "b")] },
        { "in a circle: 'a' comes after 'b', which comes after 'a'", [Step("a", "b"), Step("b", "a")] },
        {
            "in a circle: 'b' comes after 'c', which comes after 'd', which comes after 'b'",
            [Step("a", "b"), Step("b", "x", "c"), Step("c", "d"), Step("d", "b"), Step("x")]
        },
        { "which comes after … 990 more …, which", [.. Enumerable.Range(0, 1000).Select(i => Step($"s{i}", $"s{(i + 1) % 1000}"))] },
        { "Step 'b': The command is empty", [Step("a"), Step("b") with { Job = new JobSpec { Command = [] } }] },
        { "Step 'a': The range '3-1' goes backwards", [Step("a") with { Indices = "3-1" }] },
        { "Step 'a' is no array", [Step("a") with { AtOnce = 3 }] },
        { "have together at most 100000 jobs", [Step("a") with { Indices = "1-60000" }, Step("b") with { Indices = "1-60000" }] },
        { "There is no job and no array 77", [Step("a"), Step("b") with { Job = Spec() with { After = [new Dependency(new JobId(77))] } }] },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_makes_no_sense_is_refused_in_a_sentence_and_nothing_is_stored(string words, WorkflowStep[] steps)
    {
        _servers.Run(async server =>
        {
            RequestRefusedException refusal = await Assert.ThrowsAsync<RequestRefusedException>(() => SubmitAsync(server, steps));
            Assert.Contains(words, refusal.Message);
            Assert.EndsWith(".", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(new JobId(1), (await server.SubmitAsync(Alice, Spec())).Id);
        });
    }

    [Fact]
    public void The_longest_chain_is_accepted_in_order()
    {
        WorkflowStep[] steps = [.. Enumerable.Range(0, 1000).Select(i => i == 999 ? Step("s999") : Step($"s{i}", $"s{i + 1}"))];
        IReadOnlyList<WorkflowStep> order = WorkflowRules.InOrder(new Workflow { Steps = steps });
        Assert.Equal(steps.Reverse(), order);
    }

    private static WorkflowStep Step(string key, params string[] after) => new()
    {
        Key = key,
        Job = Spec(),
        After = after.Length == 0 ? null : [.. after.Select(step => new StepDependency(step))],
    };

    private static async Task<WorkflowInfo> SubmitAsync(Supervisor server, params WorkflowStep[] steps) =>
        (await server.SubmitWorkflowAsync(Alice, new Workflow { Name = "study", Steps = steps }, key: null)).Answer;

    private static async Task EndNextAsync(Supervisor server, ScriptedAgent agent, JobId expected)
    {
        RunOrder order = await agent.NextRunAsync();
        Assert.Equal(expected, order.Attempt.Job);
        agent.Started(order.Attempt);
        agent.Ended(order.Attempt, new Ending.Exited(0));
        await server.WaitAsync(Alice, expected, TimeSpan.FromDays(1), job => job.State == JobState.Ended);
        await agent.NothingMoreAsync();
    }
}
