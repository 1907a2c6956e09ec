using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class DependencyTests : IDisposable
{
    private readonly Servers _servers = new() { Options = new() { Sites = [new() { Name = "local", Cpus = 100 }] } };

    public void Dispose() => _servers.Dispose();

    [Theory]
    [InlineData(DependencyKind.Succeeded, 0, null)]
    [InlineData(DependencyKind.Succeeded, 3, "job 1, which had to succeed first, exited with code 3")]
    [InlineData(DependencyKind.Ended, 0, null)]
    [InlineData(DependencyKind.Ended, 3, null)]
    [InlineData(DependencyKind.Failed, 3, null)]
    [InlineData(DependencyKind.Failed, 0, "job 1, which had to fail first, succeeded")]
    public void A_job_starts_when_the_other_has_ended_as_it_should_and_ends_when_it_cannot_any_more(DependencyKind kind, int code, string? why)
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo first = await server.SubmitAsync(Alice, Spec());
            JobInfo second = await server.SubmitAsync(Alice, After((first, kind)));
            Assert.Equal(First(first), (await agent.NextRunAsync()).Attempt);
            agent.Started(First(first));
            await StateAsync(server, first, JobState.Running);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received);
            JobInfo waits = await server.FindAsync(Alice, second.Id);
            Assert.Equal(JobState.Queued, waits.State);
            string words = kind switch { DependencyKind.Succeeded => "succeed", DependencyKind.Failed => "fail", _ => "end" };
            Assert.Equal($"waiting for job 1 to {words}, which is running", waits.Situation);

            agent.Ended(First(first), new Ending.Exited(code));
            if (why is null)
            {
                Assert.Equal(First(second), (await agent.NextRunAsync()).Attempt);
            }
            else
            {
                Assert.Equal(new Ending.Canceled("drover", why), (await EndAsync(server, second)).End!.Ending);
                await agent.NothingMoreAsync();
                Assert.Empty(agent.Received);
            }
        });
    }

    [Fact]
    public void It_ends_as_soon_as_one_of_many_cannot_be_met_and_says_how_many_it_waits_for()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo[] first = [await server.SubmitAsync(Alice, Spec()), await server.SubmitAsync(Alice, Spec()), await server.SubmitAsync(Alice, Spec())];
            JobInfo last = await server.SubmitAsync(Alice, After([.. first.Select(job => (job, DependencyKind.Succeeded))]));
            await agent.NothingMoreAsync();
            Assert.Equal("waiting for job 1 to succeed, which is being started, and for 2 more", (await server.FindAsync(Alice, last.Id)).Situation);
            agent.Started(First(first[1]));
            agent.Ended(First(first[1]), new Ending.Signaled(11, "SIGSEGV"));
            Assert.Equal(
                "job 2, which had to succeed first, was ended by signal 11 (SIGSEGV)",
                Assert.IsType<Ending.Canceled>((await EndAsync(server, last)).End!.Ending).Why);
            Assert.NotEqual(JobState.Ended, (await server.FindAsync(Alice, first[0].Id)).State);
        });
    }

    [Fact]
    public void A_chain_is_canceled_to_its_end_and_each_link_names_where_it_began()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo last = await server.SubmitAsync(Alice, Spec());
            for (int i = 0; i < 20; i++)
            {
                last = await server.SubmitAsync(Alice, After((last, DependencyKind.Succeeded)));
            }

            await agent.NextRunAsync();
            await server.CancelAsync(Alice, new JobId(1), new CancelRequest { Why = "wrong input" });
            agent.Ended((await agent.NextAsync<ServerMessage.Stop>()).Attempt, new Ending.Canceled(User, "wrong input"));
            var ending = (Ending.Canceled)(await EndAsync(server, last)).End!.Ending;
            Assert.Equal(
                "job 20, which had to succeed first, was canceled; it began when job 1, which had to succeed first, was canceled by alice: wrong input",
                ending.Why);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
        });
    }

    [Fact]
    public void A_job_that_waits_for_others_can_be_canceled_and_is_told_nothing_any_more()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo first = await server.SubmitAsync(Alice, Spec());
            JobInfo second = await server.SubmitAsync(Alice, After((first, DependencyKind.Succeeded)));
            await server.CancelAsync(Alice, second.Id, new CancelRequest());
            Assert.Equal(new Ending.Canceled(User), (await EndAsync(server, second)).End!.Ending);
            agent.Started((await agent.NextRunAsync()).Attempt);
            agent.Ended(First(first), new Ending.Exited(0));
            await EndAsync(server, first);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Jobs_that_ended_long_ago_count(int code)
    {
        JobInfo first = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            first = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            agent.Ended(First(first), new Ending.Exited(code));
            await EndAsync(server, first);
        });
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo met = await server.SubmitAsync(Alice, After((first, code == 0 ? DependencyKind.Succeeded : DependencyKind.Failed)));
            JobInfo unmet = await server.SubmitAsync(Alice, After((first, code == 0 ? DependencyKind.Failed : DependencyKind.Succeeded)));
            Assert.Equal(First(met), (await agent.NextRunAsync()).Attempt);
            Assert.IsType<Ending.Canceled>((await EndAsync(server, unmet)).End!.Ending);
        });
    }

    [Fact]
    public void Who_waits_waits_on_after_a_restart_also_for_what_ended_just_before_it()
    {
        JobInfo[] first = [];
        JobInfo one = null!, both = null!, doomed = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            first = [await server.SubmitAsync(Alice, Spec()), await server.SubmitAsync(Alice, Spec())];
            agent.Started((await agent.NextRunAsync()).Attempt);
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, first[1], JobState.Running);
            one = await server.SubmitAsync(Alice, After((first[1], DependencyKind.Succeeded)));
            both = await server.SubmitAsync(Alice, After((first[0], DependencyKind.Failed), (first[1], DependencyKind.Succeeded)));
            doomed = await server.SubmitAsync(Alice, After((first[0], DependencyKind.Succeeded)));
            agent.Ended(First(first[0]), new Ending.Exited(3));
            await EndAsync(server, first[0]); // And at once the server dies: the job that cannot start any more may not have ended.
        });
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server, known: First(first[1]));
            Assert.IsType<Ending.Canceled>((await EndAsync(server, doomed)).End!.Ending);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            Assert.StartsWith("waiting for job 2 to succeed", (await server.FindAsync(Alice, both.Id)).Situation);
            agent.Ended(First(first[1]), new Ending.Exited(0));
            Assert.Equal([one.Id, both.Id], [(await agent.NextRunAsync()).Attempt.Job, (await agent.NextRunAsync()).Attempt.Job]);
        });
    }

    [Fact]
    public void What_the_user_does_not_have_is_refused_in_the_same_words_as_what_is_not_there()
    {
        _servers.Run(async server =>
        {
            JobInfo alices = await server.SubmitAsync(Alice, Spec());
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-2" });
            foreach (JobId id in (JobId[])[alices.Id, array.Id, array.FirstJob])
            {
                string foreign = await RefusalAsync(server, Bob, id);
                string missing = await RefusalAsync(server, Bob, new JobId(999));
                Assert.Equal(missing.Replace("999", id.ToString(), StringComparison.Ordinal), foreign);
                Assert.Contains($"no job and no array {id}", foreign);
                await server.SubmitAsync(Alice, Spec() with { After = [new Dependency(id)] });
            }

            JobInfo next = await server.SubmitAsync(Bob, Spec());
            await RefusalAsync(server, Bob, new JobId(next.Id.Value + 1)); // Nothing can come after itself.
        });
    }

    [Fact]
    public void What_cannot_be_read_of_the_other_job_is_read_again_and_nobody_starts_or_ends_meanwhile()
    {
        JobInfo first = null!;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            first = await server.SubmitAsync(Alice, Spec());
            await agent.NextRunAsync();
            agent.Started(First(first));
            agent.Ended(First(first), new Ending.Exited(0));
            await EndAsync(server, first);
        });
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            (_servers.Reads.Passing, _servers.Reads.Failing) = (2, 20); // Each submit asks whose the other job is.
            JobInfo[] after = [.. await Task.WhenAll(SubmitAsync(DependencyKind.Succeeded), SubmitAsync(DependencyKind.Failed))];
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            Assert.All(after, job => Assert.Equal(JobState.Queued, job.State));
            Assert.Equal(First(after[0]), (await agent.NextRunAsync()).Attempt);
            Assert.Equal("drover", Assert.IsType<Ending.Canceled>((await EndAsync(server, after[1])).End!.Ending).By);

            async Task<JobInfo> SubmitAsync(DependencyKind kind) => await server.SubmitAsync(Alice, Spec() with { After = [new Dependency(first.Id, kind)] });
        });
    }

    [Fact]
    public void Thousands_can_wait_for_one()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo first = await server.SubmitAsync(Alice, Spec());
            IReadOnlyList<JobInfo> waiting = (await server.SubmitAsync(
                Alice, [.. Enumerable.Repeat(After((first, DependencyKind.Succeeded)), 3000)], key: null)).Answer;
            await agent.NextRunAsync();
            agent.Started(First(first));
            agent.Ended(First(first), new Ending.Exited(1));
            foreach (JobInfo job in waiting)
            {
                Assert.IsType<Ending.Canceled>((await EndAsync(server, job)).End!.Ending);
            }
        });
    }

    private static async Task<ScriptedAgent> AgentAsync(Supervisor server, params AttemptId[] known)
    {
        var agent = new ScriptedAgent(server, User);
        await agent.ConnectAsync(known);
        return agent;
    }

    private static JobSpec After(params (JobInfo Job, DependencyKind When)[] others) =>
        Spec() with { After = [.. others.Select(other => new Dependency(other.Job.Id, other.When))] };

    private static async Task<string> RefusalAsync(Supervisor server, Caller caller, JobId after) =>
        (await Assert.ThrowsAsync<RequestRefusedException>(() => server.SubmitAsync(caller, Spec() with { After = [new Dependency(after)] }))).Message;
}
