using Drover.Server.Configuration;
using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class BacklogTests : IDisposable
{
    private const int More = 20;

    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void Jobs_that_are_followed_only_when_they_come_closer_run_in_the_same_order()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            IReadOnlyList<JobInfo> jobs = await SubmitManyAsync(server);
            Assert.Equal(More, Backlog(server).Count);
            JobInfo urgent = await server.SubmitAsync(Alice, Spec(cpus: 2, priority: 5));
            JobInfo idle = await server.SubmitAsync(Alice, Spec(cpus: 2, priority: -5));
            Assert.Equal([jobs[0].Id, urgent.Id, .. jobs.Skip(1).Select(job => job.Id), idle.Id], await RunAllAsync(agent, jobs.Count + 2));
            Assert.Equal(0, Backlog(server).Count);
        });
    }

    [Fact]
    public void Jobs_that_nobody_follows_yet_are_followed_by_priority_and_then_by_number()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            IReadOnlyList<JobInfo> first = await SubmitManyAsync(server);
            IReadOnlyList<JobInfo> more = (await server.SubmitAsync(
                Alice, [.. Enumerable.Range(0, 60).Select(i => Spec(cpus: 2, priority: (i % 3) - 1))], key: null)).Answer;
            Assert.True(Backlog(server).Count == More + 39); // All but those that go before all others.
            IReadOnlyList<JobId> order = await RunAllAsync(agent, first.Count + more.Count);
            IEnumerable<JobInfo> expected = first.Concat(more).OrderByDescending(job => job == first[0]).ThenByDescending(job => job.Spec.Priority).ThenBy(job => job.Id);
            Assert.Equal(expected.Select(job => job.Id), order);
        });
    }

    [Fact]
    public void A_job_that_is_released_goes_before_those_with_higher_numbers()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo held = await server.SubmitAsync(Alice, Spec(cpus: 2) with { Hold = true });
            IReadOnlyList<JobInfo> jobs = await SubmitManyAsync(server);
            await server.ChangeAsync(Alice, held.Id, new JobChanges { Hold = false });
            Assert.Equal([jobs[0].Id, held.Id, jobs[1].Id], await RunAllAsync(agent, 3));
            await RunAllAsync(agent, jobs.Count - 2);
        });
    }

    [Fact]
    public void A_job_that_nobody_follows_yet_says_what_it_waits_for()
    {
        _servers.Run(async server =>
        {
            IReadOnlyList<JobInfo> jobs = await SubmitManyAsync(server);
            Assert.Contains("waiting for an agent of alice at site 'local'", jobs[^1].Situation);
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            await agent.NextRunAsync();
            Assert.Equal($"waiting for 2 CPUs, behind job {jobs[^2].Id}", (await server.FindAsync(Alice, jobs[^1].Id)).Situation);
        });
    }

    [Fact]
    public void A_job_that_nobody_follows_yet_is_canceled_at_once()
    {
        _servers.Run(async server =>
        {
            IReadOnlyList<JobInfo> jobs = await SubmitManyAsync(server);
            await server.CancelAsync(Alice, jobs[^1].Id, new CancelRequest { Why = "enough" });
            JobInfo ended = await server.WaitAsync(Alice, jobs[^1].Id, TimeSpan.FromSeconds(5), job => job.State == JobState.Ended);
            Assert.Equal(new Ending.Canceled("alice", "enough"), ended.End?.Ending);
            Assert.Equal(More - 1, Backlog(server).Count);
        });
    }

    [Fact]
    public void Canceled_jobs_in_line_let_others_come_closer()
    {
        _servers.Run(async server =>
        {
            IReadOnlyList<JobInfo> jobs = await SubmitManyAsync(server);
            foreach (JobInfo job in jobs.Take(More))
            {
                await server.CancelAsync(Alice, job.Id, new CancelRequest());
            }

            Assert.Equal(0, Backlog(server).Count);
        });
    }

    [Fact]
    public void Jobs_wait_in_the_same_order_after_a_restart()
    {
        IReadOnlyList<JobInfo> jobs = [];
        _servers.Run(async server => jobs = await SubmitManyAsync(server));
        _servers.Run(async server =>
        {
            Assert.Equal(More, Backlog(server).Count);
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            Assert.Equal(jobs.Select(job => job.Id), await RunAllAsync(agent, jobs.Count));
        });
    }

    [Fact]
    public void Jobs_that_their_site_has_become_too_small_for_keep_no_others_from_being_followed()
    {
        _servers.Run(async server =>
        {
            await SubmitManyAsync(server);
            JobInfo small = await server.SubmitAsync(Alice, Spec(cpus: 1));
            server.Agents.FindSite("local")!.Cpus.Resize(1);
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            Assert.Equal(First(small), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void Jobs_of_an_array_with_a_limit_are_followed_when_they_come_closer_and_hold_up_nobody_else()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            ArrayInfo array = (await server.SubmitArrayAsync(
                Alice, new ArraySpec { Job = Spec(cpus: 1), Indices = "1-2000", AtOnce = 1 }, key: null)).Answer;
            JobInfo other = await server.SubmitAsync(Alice, Spec(cpus: 1));
            AttemptId running = (await agent.NextRunAsync()).Attempt;
            Assert.Equal(array.FirstJob, running.Job);
            Assert.Equal(First(other), (await agent.NextRunAsync()).Attempt);
            JobInfo last = await server.FindAsync(Alice, new JobId(array.FirstJob.Value + 1999));
            Assert.Equal($"waiting for the only place of array {array.Id}", last.Situation);

            agent.Started(running);
            agent.Ended(running, new Ending.Exited(0));
            Assert.Equal(
                Enumerable.Range(1, 300).Select(index => new JobId(array.FirstJob.Value + index)), await RunAllAsync(agent, 300));
        });
    }

    private static Backlog Backlog(Supervisor server) => server.Agents.AgentOf(User, "local").Backlog;

    private static async Task<IReadOnlyList<JobInfo>> SubmitManyAsync(Supervisor server) => (await server.SubmitAsync(
        Alice, [.. Enumerable.Repeat(Spec(cpus: 2), new JobOptions().MostInLine + More)], key: null)).Answer;

    private static async Task<IReadOnlyList<JobId>> RunAllAsync(ScriptedAgent agent, int count)
    {
        var order = new List<JobId>();
        while (order.Count < count)
        {
            AttemptId attempt = (await agent.NextRunAsync()).Attempt;
            order.Add(attempt.Job);
            agent.Started(attempt);
            agent.Ended(attempt, new Ending.Exited(0));
        }

        return order;
    }
}
