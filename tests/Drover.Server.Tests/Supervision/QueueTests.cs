using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class QueueTests : IDisposable
{
    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void Jobs_run_in_the_order_of_submission_and_higher_priority_goes_first()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo running = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo second = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo third = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo urgent = await server.SubmitAsync(Alice, Spec(cpus: 2, priority: 5));
            JobInfo idle = await server.SubmitAsync(Alice, Spec(cpus: 2, priority: -5));
            var order = new List<JobId>();
            for (int i = 0; i < 5; i++)
            {
                AttemptId attempt = (await agent.NextRunAsync()).Attempt;
                order.Add(attempt.Job);
                agent.Started(attempt);
                agent.Ended(attempt, new Ending.Exited(0));
            }

            Assert.Equal([running.Id, urgent.Id, second.Id, third.Id, idle.Id], order);
        });
    }

    [Fact]
    public void A_job_that_waits_says_for_what_and_behind_whom()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo waits = await server.SubmitAsync(Alice, Spec());
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            Assert.Contains("waiting for an agent of alice at site 'local'", (await server.FindAsync(Alice, waits.Id)).Situation);
            await agent.ConnectAsync();
            await agent.NextRunAsync();
            JobInfo large = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo small = await server.SubmitAsync(Alice, Spec());
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            Assert.Equal(
                $"waiting for 2 of 2 CPUs, next in line; 1 free, the rest held by job {waits.Id}",
                (await server.FindAsync(Alice, large.Id)).Situation);
            Assert.Equal($"waiting for 1 of 2 CPUs, behind job {large.Id}", (await server.FindAsync(Alice, small.Id)).Situation);
        });
    }

    [Fact]
    public void A_canceled_large_job_lets_the_small_one_behind_it_go()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            await server.SubmitAsync(Alice, Spec());
            await agent.NextRunAsync();
            JobInfo large = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo small = await server.SubmitAsync(Alice, Spec());
            await server.CancelAsync(Alice, large.Id, new CancelRequest());
            Assert.Equal(First(small), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void Jobs_that_share_a_run_directory_run_one_after_the_other()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo first = await server.SubmitAsync(Alice, Spec(runDirectory: "study"));
            JobInfo second = await server.SubmitAsync(Alice, Spec(runDirectory: "study"));
            RunOrder order = await agent.NextRunAsync();
            Assert.Equal("~study", order.RunDirectory);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            Assert.Equal(
                $"waiting for run directory 'study', which job {first.Id} uses", (await server.FindAsync(Alice, second.Id)).Situation);
            agent.Started(order.Attempt);
            agent.Ended(order.Attempt, new Ending.Exited(0));
            Assert.Equal(First(second), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void A_job_that_asks_for_more_than_its_site_has_is_refused_with_the_numbers()
    {
        _servers.Run(async server =>
        {
            var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => server.SubmitAsync(Alice, Spec(cpus: 3)));
            Assert.Equal("The job asks for 3 CPUs, and site 'local' has 2.", refused.Message);
            refused = await Assert.ThrowsAsync<RequestRefusedException>(() => server.SubmitAsync(Alice, Spec() with { Site = "mars" }));
            Assert.Equal("There is no site 'mars'; there are: local.", refused.Message);
        });
        Assert.Empty(_servers.Read(store => store.JobsAsync(null, JobGroup.All, null, null, 10)));
    }

    [Theory]
    [InlineData("""{"command":[]}""", "empty")]
    [InlineData("""{"command":[""]}""", "empty")]
    [InlineData("""{"command":["a\u0000b"]}""", "null character")]
    [InlineData("""{"command":["a"],"cpus":0}""", "at least one CPU")]
    [InlineData("""{"command":["a"],"cpus":-5}""", "at least one CPU")]
    [InlineData("""{"command":["a"],"priority":5000}""", "priority")]
    [InlineData("""{"command":["a"],"timeLimitSeconds":0}""", "time limit")]
    [InlineData("""{"command":["a"],"timeLimitSeconds":1e300}""", "time limit")]
    [InlineData("""{"command":["a"],"graceSeconds":-1}""", "grace")]
    [InlineData("""{"command":["a"],"memoryBytes":5}""", "memory")]
    [InlineData("""{"command":["a"],"workingDirectory":"here"}""", "absolute")]
    [InlineData("""{"command":["a"],"runDirectory":"../x"}""", "run directory")]
    [InlineData("""{"command":["a"],"runDirectory":".."}""", "run directory")]
    [InlineData("""{"command":["a"],"runDirectory":"a/b"}""", "run directory")]
    [InlineData("""{"command":["a"],"environment":{"A=B":"c"}}""", "environment")]
    [InlineData("""{"command":["a"],"environment":{"DROVER_JOB":"1"}}""", "DROVER_")]
    public void What_cannot_be_run_is_refused_in_a_sentence(string json, string word)
    {
        JobSpec spec = System.Text.Json.JsonSerializer.Deserialize(json, ProtocolJson.Default.JobSpec)!;
        var refused = Assert.Throws<RequestRefusedException>(() => SubmitRules.Complete(spec, new Site("local", 2), [], new ServerOptions(), ["local"]));
        Assert.Contains(word, refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith(".", refused.Message);
    }

    [Fact]
    public void A_job_of_another_user_is_not_found()
    {
        _servers.Run(async server =>
        {
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => server.FindAsync(Bob, job.Id));
            Assert.Equal("notFound", refused.Code);
            await Assert.ThrowsAsync<RequestRefusedException>(() => server.CancelAsync(Bob, job.Id, new CancelRequest()));
            await Assert.ThrowsAsync<RequestRefusedException>(() => server.WaitAsync(Bob, job.Id, TimeSpan.Zero, _ => true));
            Assert.Equal(JobState.Queued, (await server.FindAsync(Alice, job.Id)).State);
        });
    }

    [Fact]
    public void Every_lease_comes_back_whatever_becomes_of_the_jobs()
    {
        _servers.Run(async server =>
        {
            var random = new Random(4711);
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            var open = new List<AttemptId>();
            var jobs = new List<JobInfo>();
            for (int step = 0; step < 300; step++)
            {
                switch (random.Next(6))
                {
                    case 0 or 1:
                        jobs.Add(await server.SubmitAsync(Alice, Spec(random.Next(1, 3), random.Next(-1, 2), random.Next(4) == 0 ? "d" : null)));
                        break;
                    case 2 when jobs.Count > 0:
                        await server.CancelAsync(Alice, jobs[random.Next(jobs.Count)].Id, new CancelRequest());
                        break;
                    case 3:
                        agent.Disconnect();
                        await agent.ConnectAsync(open);
                        break;
                    default:
                        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(3));
                        break;
                }

                Answer(agent, open, random);
            }

            while (jobs.Any(job => server.Live(job.Id) is not null))
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(3));
                Answer(agent, open, random);
            }

            Assert.Equal(2, server.Agents.FindSite("local")!.Cpus.Free);
            Assert.Equal(0, server.Agents.FindSite("local")!.Cpus.Waiting);
        });
    }

    private static void Answer(ScriptedAgent agent, List<AttemptId> open, Random random)
    {
        foreach (ServerMessage message in agent.TakeAll())
        {
            switch (message)
            {
                case ServerMessage.Run run when !open.Contains(run.Order.Attempt):
                    open.Add(run.Order.Attempt);
                    agent.Started(run.Order.Attempt);
                    break;
                case ServerMessage.Stop stop:
                    open.Remove(stop.Attempt);
                    agent.Ended(stop.Attempt, new Ending.Canceled(User));
                    break;
            }
        }

        if (open.Count > 0 && random.Next(2) == 0)
        {
            AttemptId attempt = open[random.Next(open.Count)];
            open.Remove(attempt);
            agent.Ended(attempt, new Ending.Exited(random.Next(2)));
        }
    }
}
