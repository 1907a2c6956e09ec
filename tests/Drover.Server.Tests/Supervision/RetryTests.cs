using Drover.Coroutines.Testing;
using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class RetryTests : IDisposable
{
    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void A_job_is_tried_again_after_each_delay_until_an_attempt_succeeds()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(3, delay: 10));
            id = job.Id;
            TimeProvider time = EventLoop.Current.Time;
            await AttemptAsync(agent, new AttemptId(id, 1), new Ending.Exited(75));
            DateTimeOffset ended = time.GetUtcNow();
            JobInfo waiting = await AttemptAsync(server, job, 2);
            Assert.Equal((JobState.Queued, null, null), (waiting.State, waiting.StartedAt, waiting.End));
            Assert.Equal(ended.AddSeconds(10), waiting.NextAttemptAt);
            Assert.Equal($"waiting until {ended.AddSeconds(10):yyyy-MM-dd HH:mm:ss} UTC for attempt 2 of 4", (await server.FindAsync(Alice, id)).Situation);

            Assert.Equal(new AttemptId(id, 2), (await agent.NextRunAsync()).Attempt);
            Assert.InRange((time.GetUtcNow() - ended).TotalSeconds, 10, 10.5);
            Assert.Null((await server.FindAsync(Alice, id)).NextAttemptAt);
            agent.Started(new AttemptId(id, 2));
            agent.Ended(new AttemptId(id, 2), new Ending.Exited(75));
            ended = time.GetUtcNow();
            await AttemptAsync(agent, new AttemptId(id, 3), new Ending.Exited(0));
            Assert.InRange((time.GetUtcNow() - ended).TotalSeconds, 20, 20.5);
            JobInfo end = await EndAsync(server, job);
            Assert.Equal((3, new Ending.Exited(0)), (end.Attempt, end.End!.Ending));
            await agent.NothingMoreAsync();
            Assert.Equal(6, agent.Acknowledged.Distinct().Count());
        });

        IReadOnlyList<AttemptInfo> attempts = _servers.Read(store => store.AttemptsAsync(id));
        Assert.Equal([new Ending.Exited(75), new Ending.Exited(75), new Ending.Exited(0)], attempts.Select(a => a.End!.Ending));
        Assert.All(attempts, attempt => Assert.NotNull(attempt.StartedAt));
        IReadOnlyList<JobEvent> events = _servers.Read(store => store.EventsAsync(id));
        JobEvent retried = events.First(e => e.Kind == JobEventKind.Retried);
        Assert.Equal((1, "attempt 1 exited with code 75: attempt 2 of 4 follows in 10 s"), (retried.Attempt, retried.Cause));
        Assert.Equal(2, events.Count(e => e.Kind == JobEventKind.Retried));
        Assert.Single(events, e => e.Kind == JobEventKind.Ended);
    }

    [Fact]
    public void After_the_last_retry_the_job_ends_as_its_last_attempt_did()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(1, delay: 0));
            await AttemptAsync(agent, new AttemptId(job.Id, 1), new Ending.Exited(1));
            await AttemptAsync(agent, new AttemptId(job.Id, 2), new Ending.Exited(2));
            JobInfo end = await EndAsync(server, job);
            Assert.Equal((2, new Ending.Exited(2)), (end.Attempt, end.End!.Ending));
        });
    }

    [Fact]
    public void Other_endings_than_those_named_are_final()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { Retry = new RetryPolicy(3) { On = ["lost"] } });
            await AttemptAsync(agent, First(job), new Ending.Exited(1));
            Assert.Equal(1, (await EndAsync(server, job)).Attempt);
        });
    }

    [Fact]
    public void A_start_that_is_told_together_with_the_end_belongs_to_the_attempt_that_ended()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(1, delay: 5));
            id = job.Id;
            await agent.NextRunAsync();
            DateTimeOffset now = EventLoop.Current.Time.GetUtcNow();
            agent.Say(new AgentMessage.Started(101, First(job), 55, now), agent.EndedMessage(First(job), new Ending.Exited(1)));
            await AttemptAsync(server, job, 2);
            await agent.NothingMoreAsync();
            Assert.Contains(101, agent.Acknowledged);
        });
        AttemptInfo first = _servers.Read(store => store.AttemptsAsync(id))[0];
        Assert.Equal((55, new Ending.Exited(1)), (first.ProcessId, first.End!.Ending));
    }

    [Fact]
    public void Cancelling_during_the_wait_for_the_next_attempt_ends_the_job_at_once()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(3, delay: 600));
            id = job.Id;
            await AttemptAsync(agent, First(job), new Ending.Exited(1));
            await AttemptAsync(server, job, 2);
            DateTimeOffset asked = EventLoop.Current.Time.GetUtcNow();
            await server.CancelAsync(Alice, id, new CancelRequest { Why = "enough" });
            JobInfo end = await EndAsync(server, job);
            Assert.Equal((2, new Ending.Canceled(User, "enough")), (end.Attempt, end.End!.Ending));
            Assert.True(EventLoop.Current.Time.GetUtcNow() - asked < TimeSpan.FromSeconds(1));
            await agent.NothingMoreAsync();
            Assert.DoesNotContain(agent.TakeAll(), message => message is ServerMessage.Run);
        });
        Assert.Equal([1, 2], _servers.Read(store => store.AttemptsAsync(id)).Select(a => a.Number));
    }

    [Fact]
    public void A_cancel_that_comes_while_a_retry_is_being_recorded_is_not_lost()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(3, delay: 600));
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Ended(First(job), new Ending.Exited(1));
            while ((await server.FindAsync(Alice, job.Id)).Attempt == 1)
            {
                // In the turn in which the retry goes to disk, and in those around it.
                await server.CancelAsync(Alice, job.Id, new CancelRequest());
            }

            JobInfo end = await EndAsync(server, job);
            Assert.True(end.CancelRequestedBy == User, "the cancel was lost");
            Assert.True(end.Attempt <= 2);
        });
    }

    [Fact]
    public void A_canceled_job_is_not_tried_again_whatever_its_ending()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(3, delay: 0));
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            await server.CancelAsync(Alice, job.Id, new CancelRequest());
            await agent.NextAsync<ServerMessage.Stop>();
            agent.Ended(First(job), new Ending.Exited(75)); // Its own code, on SIGTERM.
            JobInfo end = await EndAsync(server, job);
            Assert.Equal((1, new Ending.Exited(75)), (end.Attempt, end.End!.Ending));
        });
    }

    [Fact]
    public void The_wait_for_the_next_attempt_goes_on_after_a_restart_of_the_server()
    {
        JobInfo job = null!;
        DateTimeOffset next = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            job = await server.SubmitAsync(Alice, Retried(3, delay: 600));
            await AttemptAsync(agent, First(job), new Ending.Exited(1));
            next = (await AttemptAsync(server, job, 2)).NextAttemptAt!.Value;
        });
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            Assert.Equal(next, (await server.FindAsync(Alice, job.Id)).NextAttemptAt);
            await AttemptAsync(agent, new AttemptId(job.Id, 2), new Ending.Exited(0));
            Assert.InRange((EventLoop.Current.Time.GetUtcNow() - next).TotalSeconds, 0, 0.5);
            Assert.Equal(2, (await EndAsync(server, job)).Attempt);
        });
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_lengthen_the_wait_for_the_next_attempt()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(1, delay: 10));
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Ended(First(job), new Ending.Exited(1));
            while ((await server.FindAsync(Alice, job.Id)).Attempt == 1)
            {
                Schedules.TurnClock(TimeSpan.FromSeconds(-1)); // In the turn in which the retry goes to disk, and in those around it.
                await Coroutine.YieldAsync();
            }

            long begun = EventLoop.Current.Time.GetTimestamp();
            Assert.Equal(new AttemptId(job.Id, 2), (await agent.NextRunAsync()).Attempt);
            Assert.InRange(EventLoop.Current.Time.GetElapsedTime(begun).TotalSeconds, 9, 10.5);
        });
    }

    [Fact]
    public void An_attempt_that_its_agent_lost_is_followed_by_another()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { Retry = new RetryPolicy(1, delaySeconds: 1) { On = ["lost"] } });
            await AttemptAsync(agent, First(job), new Ending.Lost("the keeper that had started it was killed"));
            Assert.Equal(new AttemptId(job.Id, 2), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void An_attempt_that_was_given_up_may_still_run_so_none_follows_and_it_is_stopped_when_its_agent_is_back()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { Retry = new RetryPolicy(1, delaySeconds: 1) { On = ["lost"] } });
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Disconnect();
            JobInfo end = await EndAsync(server, job);
            Assert.IsType<Ending.Lost>(end.End!.Ending);
            await agent.ConnectAsync([First(job)]);
            Assert.Equal(First(job), (await agent.NextAsync<ServerMessage.Stop>()).Attempt);
            long late = agent.Ended(First(job), new Ending.Canceled("drover"));
            await agent.NothingMoreAsync();
            Assert.Contains(late, agent.Acknowledged); // Also now.
            Assert.DoesNotContain(agent.TakeAll(), message => message is ServerMessage.Run);
        });
    }

    [Fact]
    public void An_attempt_of_which_its_agent_has_no_record_any_more_may_still_run_so_none_follows()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { Retry = new RetryPolicy(1, delaySeconds: 1) { On = ["lost"] } });
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Disconnect();
            await agent.ConnectAsync();
            AttemptEnd end = (await EndAsync(server, job)).End!;
            Assert.IsType<Ending.Lost>(end.Ending);
            Assert.True(end.MayRun);
            await agent.NothingMoreAsync();
            Assert.DoesNotContain(agent.TakeAll(), message => message is ServerMessage.Run);
        });
    }

    [Fact]
    public void An_end_that_is_told_again_while_it_is_being_recorded_is_acknowledged_again()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(1, delay: 600));
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            long first = agent.Ended(First(job), new Ending.Exited(1));
            long again = agent.Ended(First(job), new Ending.Exited(1));
            await AttemptAsync(server, job, 2);
            await agent.NothingMoreAsync();
            Assert.Contains(first, agent.Acknowledged);
            Assert.Contains(again, agent.Acknowledged);
        });
    }

    [Fact]
    public void The_story_of_a_job_tells_every_attempt()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Retried(1, delay: 1));
            await AttemptAsync(agent, First(job), new Ending.Signaled(9, "SIGKILL"));
            await AttemptAsync(agent, new AttemptId(job.Id, 2), new Ending.Exited(3));
            JobInfo end = await EndAsync(server, job);
            Explanation story = Explanations.Of(end, [new JobEvent
            {
                Sequence = 1, At = default, Attempt = 1, Kind = JobEventKind.Retried, State = JobState.Queued, Actor = "x",
                Cause = "attempt 1 ended by signal 9 (SIGKILL): attempt 2 of 2 follows in 1 s",
            }]);
            Assert.Contains("exited with code 3", story.Summary);
            Assert.Contains("attempt 1 ended by signal 9 (SIGKILL)", story.Summary);
        });
    }

    private static JobSpec Retried(int retries, double delay) => Spec() with { Retry = new RetryPolicy(retries, delay) };

    /// <summary>Plays one attempt at the agent.</summary>
    private static async Task AttemptAsync(ScriptedAgent agent, AttemptId attempt, Ending ending)
    {
        Assert.Equal(attempt, (await agent.NextRunAsync()).Attempt);
        agent.Started(attempt);
        agent.Ended(attempt, ending);
    }

    /// <summary>Waits until a job has got to an attempt.</summary>
    private static Task<JobInfo> AttemptAsync(Supervisor server, JobInfo job, int attempt) =>
        server.WaitAsync(Alice, job.Id, TimeSpan.FromDays(1000), j => j.Attempt == attempt);
}
