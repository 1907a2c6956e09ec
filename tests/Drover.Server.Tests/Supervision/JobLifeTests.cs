using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class JobLifeTests : IDisposable
{
    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void A_job_is_sent_started_and_ended_and_every_step_is_in_the_audit_trail()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            id = job.Id;
            RunOrder order = await agent.NextRunAsync();
            Assert.Equal(First(job), order.Attempt);
            long started = agent.Started(order.Attempt);
            await StateAsync(server, job, JobState.Running);
            long ended = agent.Ended(order.Attempt, new Ending.Exited(3));
            JobInfo end = await EndAsync(server, job);
            Assert.Equal(new Ending.Exited(3), end.End!.Ending);
            await agent.NothingMoreAsync();
            Assert.Equal([started, ended], agent.Acknowledged);
        });
        Assert.Equal(
            [JobEventKind.Submitted, JobEventKind.Dispatched, JobEventKind.Started, JobEventKind.Ended],
            _servers.Read(store => store.EventsAsync(id)).Select(e => e.Kind));
    }

    [Fact]
    public void A_start_and_an_end_that_come_together_are_both_recorded()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            id = job.Id;
            RunOrder order = await agent.NextRunAsync();
            DateTimeOffset now = EventLoop.Current.Time.GetUtcNow();
            agent.Say(new AgentMessage.Started(101, order.Attempt, 55, now), new AgentMessage.Ended(
                102, order.Attempt, new AttemptEnd { Ending = new Ending.Exited(0), At = now, Evidence = "seen" }));
            JobInfo end = await EndAsync(server, job);
            Assert.Equal(55, end.ProcessId);
            Assert.Equal(now, end.StartedAt);
            await agent.NothingMoreAsync();
            Assert.Equal([101, 102], agent.Acknowledged.Order());
        });
        Assert.Equal(4, _servers.Read(store => store.EventsAsync(id)).Count);
    }

    [Fact]
    public void Cancelling_a_queued_job_ends_it_without_sending_it_and_the_one_behind_it_runs()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo first = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo second = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo third = await server.SubmitAsync(Alice, Spec(cpus: 2));
            Assert.Equal(First(first), (await agent.NextRunAsync()).Attempt);
            await server.CancelAsync(Alice, second.Id, new CancelRequest { Why = "changed my mind" });
            JobInfo canceled = await EndAsync(server, second);
            Assert.Equal(new Ending.Canceled(User, "changed my mind"), canceled.End!.Ending);
            agent.Started(First(first));
            agent.Ended(First(first), new Ending.Exited(0));
            Assert.Equal(First(third), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void Run_cancel_run_runs_the_second_one()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo first = await server.SubmitAsync(Alice, Spec(cpus: 2, runDirectory: "same"));
            await server.CancelAsync(Alice, first.Id, new CancelRequest());
            JobInfo second = await server.SubmitAsync(Alice, Spec(cpus: 2, runDirectory: "same"));
            while (true)
            {
                RunOrder order = await agent.NextRunAsync();
                if (order.Attempt == First(second))
                {
                    break;
                }

                ServerMessage.Stop stop = await agent.NextAsync<ServerMessage.Stop>();
                Assert.Equal(First(first), stop.Attempt);
                agent.Ended(stop.Attempt, new Ending.Canceled(User));
            }

            Assert.IsType<Ending.Canceled>((await EndAsync(server, first)).End!.Ending);
        });
    }

    [Fact]
    public void Cancelling_a_running_job_stops_it_at_its_agent_and_its_ending_is_the_true_one()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { GraceSeconds = 3 });
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            await server.CancelAsync(Alice, job.Id, new CancelRequest());
            ServerMessage.Stop stop = await agent.NextAsync<ServerMessage.Stop>();
            Assert.Equal(new StopOrder(User, null, 3), stop.Order);
            agent.Ended(stop.Attempt, new Ending.Exited(0)); // It had ended before the stop came.
            Assert.Equal(new Ending.Exited(0), (await EndAsync(server, job)).End!.Ending);
        });
    }

    [Fact]
    public void A_job_that_does_not_end_although_it_was_killed_says_so_and_why()
    {
        const string Trouble = "does not end although it was killed: the kernel holds process 7";
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            JobInfo running = await StateAsync(server, job, JobState.Running);
            await server.CancelAsync(Alice, job.Id, new CancelRequest());
            agent.Say(new AgentMessage.Progressed(First(job), new Progress(), Trouble));
            JobInfo shown = await server.WaitAsync(Alice, job.Id, TimeSpan.FromMinutes(1), j => j.Revision > running.Revision + 1);
            Assert.Equal((Trouble, null), (shown.Situation, shown.Progress));
            Assert.Contains(Trouble, Explanations.Of(shown, []).Summary);
            agent.Ended(First(job), new Ending.Canceled(User, null));
            Assert.Null((await EndAsync(server, job)).Situation);
        });
    }

    [Fact]
    public void When_a_job_will_end_is_judged_from_its_progress_until_it_has_ended()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            DateTimeOffset started = (await StateAsync(server, job, JobState.Running)).StartedAt!.Value;
            agent.Say(new AgentMessage.Progressed(First(job), new Progress { Fraction = 0.25, At = started.AddSeconds(10) }));
            JobInfo shown = await server.WaitAsync(Alice, job.Id, TimeSpan.FromMinutes(1), j => j.Progress is not null);
            Assert.Equal(started.AddSeconds(40), shown.EstimatedEndAt);
            agent.Disconnect();
            Assert.Equal(started.AddSeconds(40), (await StateAsync(server, job, JobState.Unknown)).EstimatedEndAt);
            await agent.ConnectAsync([First(job)]);
            agent.Ended(First(job), new Ending.Exited(0));
            Assert.Null((await EndAsync(server, job)).EstimatedEndAt);
        });
    }

    [Fact]
    public void A_cancel_of_a_job_that_has_ended_changes_nothing()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            agent.Ended(First(job), new Ending.Exited(0));
            JobInfo end = await EndAsync(server, job);
            JobInfo after = await server.CancelAsync(Alice, job.Id, new CancelRequest());
            Assert.Equal(end.End, after.End);
            Assert.Null(after.CancelRequestedBy);
        });
    }

    [Fact]
    public void A_job_whose_agent_is_away_becomes_unknown_and_runs_again_when_the_agent_is_back()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Disconnect();
            JobInfo unknown = await StateAsync(server, job, JobState.Unknown);
            Assert.Contains("away since", unknown.Situation);
            await agent.ConnectAsync([First(job)]);
            await StateAsync(server, job, JobState.Running);
            agent.Ended(First(job), new Ending.Exited(0));
            Assert.Equal(new Ending.Exited(0), (await EndAsync(server, job)).End!.Ending);
        });
    }

    [Fact]
    public void An_agent_that_comes_back_at_once_leaves_no_trace_in_the_audit_trail()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            id = job.Id;
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Disconnect();
            await agent.ConnectAsync([First(job)]);
            await Coroutine.SleepAsync(TimeSpan.FromMinutes(1));
            agent.Ended(First(job), new Ending.Exited(0));
            await EndAsync(server, job);
        });
        Assert.Equal(4, _servers.Read(store => store.EventsAsync(id)).Count);
    }

    [Fact]
    public void What_an_agent_never_got_is_sent_again_once()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            await agent.NextRunAsync(); // The connection breaks before the agent has read it.
            agent.Disconnect();
            await agent.ConnectAsync([]);
            Assert.Equal(First(job), (await agent.NextRunAsync()).Attempt);
            await agent.NothingMoreAsync();
        });
    }

    [Fact]
    public void An_agent_that_lost_the_record_of_a_running_job_makes_it_lost_and_never_starts_it_again()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Disconnect();
            await agent.ConnectAsync([]);
            Assert.IsType<Ending.Lost>((await EndAsync(server, job)).End!.Ending);
            await agent.NothingMoreAsync();
            Assert.DoesNotContain(agent.Received, message => message is ServerMessage.Run);
        });
    }

    [Fact]
    public void An_agent_from_another_folder_is_not_asked_about_jobs_of_the_first()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            await agent.NextRunAsync();
            agent.Disconnect();
            var other = new ScriptedAgent(server, User, folder: "folder-2");
            await other.ConnectAsync([]);
            await StateAsync(server, job, JobState.Unknown);
            await other.NothingMoreAsync();
            Assert.Empty(other.Received);
        });
    }

    [Fact]
    public void A_job_of_an_agent_that_never_comes_back_is_lost_after_the_configured_time_and_its_CPUs_are_free()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec(cpus: 2));
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Disconnect();
            JobInfo end = await EndAsync(server, job);
            Assert.Contains("24", Assert.IsType<Ending.Lost>(end.End!.Ending).Reason.Replace("1d", "24h", StringComparison.Ordinal));
            Assert.Equal(2, server.Agents.FindSite("local")!.Cpus.Free);
            await agent.ConnectAsync([First(job)]);
            ServerMessage.Stop stop = await agent.NextAsync<ServerMessage.Stop>(); // It was given up: it must not run on.
            Assert.Equal(First(job), stop.Attempt);
            long late = agent.Ended(First(job), new Ending.Exited(0));
            await agent.NothingMoreAsync();
            Assert.Contains(late, agent.Acknowledged);
            Assert.IsType<Ending.Lost>((await server.FindAsync(Alice, job.Id)).End!.Ending);
        });
    }

    [Fact]
    public void A_restarted_server_takes_up_each_job_at_the_stage_it_had()
    {
        JobInfo running = null!, sent = null!, queued = null!, canceled = null!;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            running = await server.SubmitAsync(Alice, Spec());
            sent = await server.SubmitAsync(Alice, Spec());
            queued = await server.SubmitAsync(Alice, Spec());
            canceled = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            await agent.NextRunAsync();
            await StateAsync(server, running, JobState.Running);
            await server.CancelAsync(Alice, running.Id, new CancelRequest());
        });
        _servers.Run(async server =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            Assert.Equal(0, server.Agents.FindSite("local")!.Cpus.Free);
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync([First(running)]);
            ServerMessage.Stop stop = await agent.NextAsync<ServerMessage.Stop>(); // The cancel was on disk.
            Assert.Equal(First(running), stop.Attempt);
            Assert.Equal(First(sent), (await agent.NextRunAsync()).Attempt); // The agent had never got it.
            agent.Ended(First(running), new Ending.Canceled(User));
            Assert.Equal(First(queued), (await agent.NextRunAsync()).Attempt);
            await EndAsync(server, running);
        });
        Assert.Equal(canceled.Id, _servers.Read(store => Task.FromResult(store.LoadUnfinished()))[^1].Id);
    }

    [Fact]
    public void An_end_is_told_again_until_it_is_on_disk_and_counts_once()
    {
        JobInfo job = null!;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            job = await server.SubmitAsync(Alice, Spec());
            AttemptId attempt = (await agent.NextRunAsync()).Attempt;
            agent.Started(attempt);
            agent.Ended(attempt, new Ending.Exited(0));
            agent.Disconnect();
            await agent.ConnectAsync([attempt]);
            long again = agent.Ended(attempt, new Ending.Exited(0));
            await EndAsync(server, job);
            await agent.NothingMoreAsync();
            agent.Disconnect();
            await agent.ConnectAsync([attempt]);
            long third = agent.Ended(attempt, new Ending.Exited(0));
            await agent.NothingMoreAsync();
            Assert.Contains(third, agent.Acknowledged);
            _ = again;
        });
        Assert.Single(_servers.Read(store => store.EventsAsync(job.Id)), e => e.Kind == JobEventKind.Ended);
    }
}
