using Drover.Server.Configuration;
using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class ReuseTests : IDisposable
{
    private static readonly string s_inputs = new('a', 64);

    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void The_same_job_again_is_given_the_result_of_the_first()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo first = await RunAsync(server, agent, Same());
            id = first.Id;
            JobInfo again = await server.SubmitAsync(Alice, Same());
            Assert.True(again.IsReused);
            Assert.Equal((id, new Ending.Exited(0)), (again.Id, again.End!.Ending));
            Assert.False((await server.FindAsync(Alice, id)).IsReused);
        });
        _servers.Run(async server => Assert.Equal(id, (await server.SubmitAsync(Alice, Same())).Id)); // Also from the next server.
        JobEvent[] given = [.. _servers.Read(store => store.EventsAsync(id)).Where(e => e.Kind == JobEventKind.Reused)];
        Assert.Equal([(User, JobState.Ended), (User, JobState.Ended)], given.Select(e => (e.Actor, e.State)));
    }

    [Fact]
    public void With_other_CPUs_it_is_another_job_because_it_sees_them()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await RunAsync(server, agent, Same());
            Assert.False((await server.SubmitAsync(Alice, Same() with { Cpus = 2 })).IsReused);
        });
    }

    [Fact]
    public void In_a_batch_only_the_others_run_and_a_key_gives_the_same_answer_again()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo first = await RunAsync(server, agent, Same());
            var key = new RequestKey("k", new string('0', 64));
            JobSpec[] batch = [Spec(), Same(), Same(), Spec()];
            IReadOnlyList<JobInfo> jobs = (await server.SubmitAsync(Alice, batch, key)).Answer;
            Assert.Equal([false, true, true, false], jobs.Select(job => job.IsReused));
            Assert.Equal([first.Id, first.Id], [jobs[1].Id, jobs[2].Id]);
            Assert.Equal(jobs[0].Id.Value + 1, jobs[3].Id.Value);
            Keyed<IReadOnlyList<JobInfo>> again = await server.SubmitAsync(Alice, batch, key);
            Assert.True(again.IsReplay);
            Assert.Equal(jobs.Select(job => (job.Id, job.IsReused)), again.Answer.Select(job => (job.Id, job.IsReused)));
        });
    }

    [Fact]
    public void Run_anew_it_becomes_the_result_that_is_given_from_then_on()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo first = await RunAsync(server, agent, Same());
            JobInfo anew = await RunAsync(server, agent, Same() with { Reuse = false });
            Assert.NotEqual(first.Id, anew.Id);
            Assert.Equal(anew.Id, (await server.SubmitAsync(Alice, Same())).Id);
        });
    }

    public static TheoryData<string, Func<JobSpec, JobSpec>> Others => new()
    {
        { "command", spec => spec with { Command = ["/bin/true", "-v"] } },
        { "words of the command", spec => spec with { Command = ["/bin/true -v"] } },
        { "inputs", spec => spec with { Inputs = new string('b', 64) } },
        { "environment", spec => spec with { Environment = new Dictionary<string, string> { ["A"] = "2", ["B"] = "1" } } },
        { "no environment", spec => spec with { Environment = null } },
        { "said to run anew", spec => spec with { Reuse = false } },
        { "shared run directory", spec => spec with { RunDirectory = "mine" } },
        { "working directory", spec => spec with { WorkingDirectory = "/" } },
        { "comes after another", spec => spec with { After = [new Dependency(new JobId(1))] } },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void Anything_else_runs(string what, Func<JobSpec, JobSpec> change)
    {
        JobSpec same = Same() with { Environment = new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" } };
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo first = await RunAsync(server, agent, same);
            JobInfo other = await server.SubmitAsync(Alice, change(same));
            Assert.True(other.Id != first.Id && !other.IsReused, what);
        });
    }

    [Fact]
    public void Name_limits_priority_and_the_order_of_the_environment_do_not_matter()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo first = await RunAsync(
                server, agent, Same() with { Environment = new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" } });
            JobInfo again = await server.SubmitAsync(Alice, Same() with
            {
                Environment = new Dictionary<string, string> { ["B"] = "2", ["A"] = "1" },
                Name = "another",
                TimeLimitSeconds = 60,
                Priority = 9,
                Hold = true,
                Retry = new RetryPolicy(),
            });
            Assert.Equal(first.Id, again.Id);
        });
    }

    [Fact]
    public void Without_inputs_only_who_asks_for_it_is_given_an_earlier_result()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo plain = await RunAsync(server, agent, Spec());
            JobInfo asked = await RunAsync(server, agent, Spec() with { Reuse = true });
            Assert.NotEqual(plain.Id, asked.Id); // Nobody had said of the first that it can be given.
            Assert.Equal(asked.Id, (await server.SubmitAsync(Alice, Spec() with { Reuse = true })).Id);
            Assert.False((await server.SubmitAsync(Alice, Spec())).IsReused);
        });
    }

    [Fact]
    public void Failures_unfinished_jobs_and_those_of_others_are_not_given()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await RunAsync(server, agent, Same(), new Ending.Exited(1));
            JobInfo running = await server.SubmitAsync(Alice, Same());
            Assert.False(running.IsReused);
            Assert.False((await server.SubmitAsync(Alice, Same())).IsReused);
            agent.Started((await agent.NextRunAsync()).Attempt);
            agent.Ended(First(running), new Ending.Exited(0));
            await EndAsync(server, running);
            Assert.False((await server.SubmitAsync(Bob, Same())).IsReused);
        });
    }

    [Fact]
    public void A_result_whose_files_are_gone_or_out_of_reach_is_not_given()
    {
        _servers.Options = _servers.Options with { Jobs = new JobOptions { KeepFiles = TimeSpan.FromHours(1) } };
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo first = await RunAsync(server, agent, Same());
            agent.Disconnect();
            var other = new ScriptedAgent(server, User, folder: "folder-2");
            await other.ConnectAsync();
            Assert.False((await server.SubmitAsync(Alice, Same() with { Hold = true })).IsReused);
            other.Disconnect();
            await agent.ConnectAsync();
            Assert.Equal(first.Id, (await server.SubmitAsync(Alice, Same())).Id);
            await Coroutine.SleepAsync(TimeSpan.FromHours(2)); // By now the agent was asked to remove them.
            Assert.False((await server.SubmitAsync(Alice, Same())).IsReused);
        });
    }

    private static JobSpec Same() => Spec() with { Inputs = s_inputs };

    private static async Task<JobInfo> RunAsync(Supervisor server, ScriptedAgent agent, JobSpec spec, Ending? ending = null)
    {
        if (server.Agents.AgentOf(User, "local").Session is null)
        {
            await agent.ConnectAsync();
        }

        JobInfo job = await server.SubmitAsync(Alice, spec);
        Assert.False(job.IsReused);
        agent.Started((await agent.NextRunAsync()).Attempt);
        agent.Ended(First(job), ending ?? new Ending.Exited(0));
        return await EndAsync(server, job);
    }
}
