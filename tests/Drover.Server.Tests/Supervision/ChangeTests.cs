using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class ChangeTests : IDisposable
{
    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void A_higher_priority_brings_a_waiting_job_before_the_others()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo running = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo[] waiting = [.. (await server.SubmitAsync(Alice, [Spec(cpus: 2), Spec(cpus: 2), Spec(cpus: 2)], key: null)).Answer];
            await agent.NextRunAsync();
            id = waiting[2].Id;
            JobInfo changed = await server.ChangeAsync(Alice, id, new JobChanges { Priority = 5 });
            Assert.Equal(5, changed.Spec.Priority);
            Assert.True(changed.Revision > waiting[2].Revision);
            Assert.Contains($"behind job {id}", (await server.FindAsync(Alice, waiting[0].Id)).Situation);
            await EndAsync(agent, running);
            Assert.Equal(First(waiting[2]), (await agent.NextRunAsync()).Attempt);

            await server.ChangeAsync(Alice, waiting[0].Id, new JobChanges { Priority = -5 });
            agent.Started(First(waiting[2]));
            agent.Ended(First(waiting[2]), new Ending.Exited(0));
            Assert.Equal(First(waiting[1]), (await agent.NextRunAsync()).Attempt);
        });
        Assert.Contains(
            _servers.Read(store => store.EventsAsync(id)),
            e => (e.Kind, e.Actor, e.Cause) == (JobEventKind.Altered, User, "priority from 0 to 5"));
    }

    [Fact]
    public void A_small_job_that_gets_before_a_large_one_starts_at_once()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            await server.SubmitAsync(Alice, Spec());
            await agent.NextRunAsync();
            await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo small = await server.SubmitAsync(Alice, Spec());
            await server.ChangeAsync(Alice, small.Id, new JobChanges { Priority = 1 });
            Assert.Equal(First(small), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void The_agent_is_sent_the_new_time_limit()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { TimeLimitSeconds = 60 });
            await server.ChangeAsync(Alice, job.Id, new JobChanges { TimeLimitSeconds = 7200 });
            await agent.ConnectAsync();
            Assert.Equal(7200, (await agent.NextRunAsync()).Spec.TimeLimitSeconds);
        });
    }

    [Fact]
    public void A_job_that_is_submitted_held_waits_until_it_is_released()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo held = await server.SubmitAsync(Alice, Spec() with { Hold = true });
            id = held.Id;
            JobInfo other = await server.SubmitAsync(Alice, Spec());
            Assert.Equal(First(other), (await agent.NextRunAsync()).Attempt);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.TakeAll());
            Assert.Contains("held", (await server.FindAsync(Alice, id)).Situation);
        });
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync([new AttemptId(new JobId(2), 1)]);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.TakeAll()); // Also after a restart.
            await server.ChangeAsync(Alice, id, new JobChanges { Hold = false });
            Assert.Equal(new AttemptId(id, 1), (await agent.NextRunAsync()).Attempt);
        });
        Assert.Contains(_servers.Read(store => store.EventsAsync(id)), e => (e.Kind, e.Actor) == (JobEventKind.Released, User));
    }

    [Fact]
    public void A_job_that_is_held_while_it_waits_for_CPUs_lets_the_others_pass()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo running = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo held = await server.SubmitAsync(Alice, Spec(cpus: 2, runDirectory: "shared"));
            JobInfo next = await server.SubmitAsync(Alice, Spec(cpus: 2, runDirectory: "shared"));
            id = held.Id;
            await agent.NextRunAsync();
            await agent.NothingMoreAsync();
            await server.ChangeAsync(Alice, id, new JobChanges { Hold = true });
            await EndAsync(agent, running);
            Assert.Equal(First(next), (await agent.NextRunAsync()).Attempt); // It has neither CPUs nor the run directory.
            await EndAsync(agent, next);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.TakeAll());
            await server.ChangeAsync(Alice, id, new JobChanges { Hold = false });
            Assert.Equal(First(held), (await agent.NextRunAsync()).Attempt);
        });
        Assert.Contains(_servers.Read(store => store.EventsAsync(id)), e => (e.Kind, e.Actor) == (JobEventKind.Held, User));
    }

    [Fact]
    public void A_job_that_is_held_while_it_waits_for_its_next_attempt_does_not_start_it()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { Retry = new RetryPolicy(1, 10) });
            await agent.NextRunAsync();
            await EndAsync(agent, job, new Ending.Exited(1));
            await server.WaitAsync(Alice, job.Id, TimeSpan.FromDays(1), j => j.Attempt == 2);
            await server.ChangeAsync(Alice, job.Id, new JobChanges { Hold = true });
            await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            Assert.Empty(agent.TakeAll());
            await server.ChangeAsync(Alice, job.Id, new JobChanges { Hold = false });
            Assert.Equal(new AttemptId(job.Id, 2), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void A_held_job_can_be_canceled()
    {
        _servers.Run(async server =>
        {
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { Hold = true });
            await server.CancelAsync(Alice, job.Id, new CancelRequest());
            Assert.IsType<Ending.Canceled>((await Servers.EndAsync(server, job)).End!.Ending);
        });
    }

    [Fact]
    public void What_does_not_wait_any_more_is_not_changed()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            id = job.Id;
            foreach (JobState state in (JobState[])[JobState.Starting, JobState.Running, JobState.Ended])
            {
                await StateAsync(server, job, state);
                var refused = await Assert.ThrowsAsync<RequestRefusedException>(
                    () => server.ChangeAsync(Alice, id, new JobChanges { Priority = 7, Pin = true }));
                Assert.Equal("conflict", refused.Code);
                if (state == JobState.Starting)
                {
                    agent.Started((await agent.NextRunAsync()).Attempt);
                }
                else
                {
                    agent.Ended(First(job), new Ending.Exited(0));
                }
            }

            JobInfo now = await server.FindAsync(Alice, id);
            Assert.Equal((0, false), (now.Spec.Priority, now.Spec.Pin));
        });
        Assert.DoesNotContain(_servers.Read(store => store.EventsAsync(id)), e => e.Kind == JobEventKind.Altered);
    }

    [Fact]
    public void Changes_that_come_while_the_job_gets_its_place_either_hold_or_are_refused()
    {
        for (int turns = 0; turns < 30; turns++)
        {
            using var servers = new Servers();
            servers.Run(async server =>
            {
                var agent = new ScriptedAgent(server, User);
                await agent.ConnectAsync();
                JobInfo job = await server.SubmitAsync(Alice, Spec() with { TimeLimitSeconds = 60 });
                for (int turn = 0; turn < turns; turn++)
                {
                    await Coroutine.YieldAsync();
                }

                bool isChanged;
                try
                {
                    await server.ChangeAsync(Alice, job.Id, new JobChanges { TimeLimitSeconds = 99 });
                    isChanged = true;
                }
                catch (RequestRefusedException e) when (e.Code == "conflict")
                {
                    isChanged = false;
                }

                RunOrder order = await agent.NextRunAsync();
                Assert.Equal(isChanged ? 99 : 60, order.Spec.TimeLimitSeconds);
                Assert.Equal(order.Spec.TimeLimitSeconds, (await server.FindAsync(Alice, job.Id)).Spec.TimeLimitSeconds);
            });
        }
    }

    [Fact]
    public void Holds_that_come_while_the_job_gets_its_place_either_hold_or_are_refused()
    {
        for (int turns = 0; turns < 30; turns++)
        {
            using var servers = new Servers();
            servers.Run(async server =>
            {
                var agent = new ScriptedAgent(server, User);
                await agent.ConnectAsync();
                JobInfo job = await server.SubmitAsync(Alice, Spec());
                for (int turn = 0; turn < turns; turn++)
                {
                    await Coroutine.YieldAsync();
                }

                try
                {
                    await server.ChangeAsync(Alice, job.Id, new JobChanges { Hold = true });
                }
                catch (RequestRefusedException e) when (e.Code == "conflict")
                {
                    await agent.NextRunAsync();
                    return;
                }

                await agent.NothingMoreAsync();
                Assert.Empty(agent.TakeAll());
            });
        }
    }

    [Fact]
    public void Nonsense_is_refused_and_what_is_the_same_already_changes_nothing()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            JobInfo job = await server.SubmitAsync(Alice, Spec() with { Hold = true });
            id = job.Id;
            foreach (JobChanges changes in (JobChanges[])[
                new() { Priority = 1001 }, new() { TimeLimitSeconds = -1 }, new() { TimeLimitSeconds = double.NaN, Hold = false }])
            {
                var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => server.ChangeAsync(Alice, id, changes));
                Assert.Equal("badRequest", refused.Code);
            }

            await Assert.ThrowsAsync<RequestRefusedException>(() => server.ChangeAsync(Bob, id, new JobChanges { Hold = false }));
            JobInfo same = await server.ChangeAsync(Alice, id, new JobChanges { Priority = 0, Hold = true, Pin = false });
            Assert.Equal(job.Revision, same.Revision);
            Assert.True(same.Spec.Hold);
        });
        Assert.Equal([JobEventKind.Submitted], _servers.Read(store => store.EventsAsync(id)).Select(e => e.Kind).Where(k => k != JobEventKind.Resumed));
    }

    [Fact]
    public void Files_are_pinned_at_any_time()
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
            Assert.True((await server.ChangeAsync(Alice, id, new JobChanges { Pin = true })).Spec.Pin);
            agent.Ended(First(job), new Ending.Exited(0));
            Assert.True((await Servers.EndAsync(server, job)).Spec.Pin);
            Assert.False((await server.ChangeAsync(Alice, id, new JobChanges { Pin = false })).Spec.Pin);
            Assert.False((await server.FindAsync(Alice, id)).Spec.Pin);
            await server.ChangeAsync(Alice, id, new JobChanges { Pin = true });
        });
        _servers.Run(async server => Assert.True((await server.FindAsync(Alice, id)).Spec.Pin));
        Assert.Equal(3, _servers.Read(store => store.EventsAsync(id)).Count(e => e.Kind == JobEventKind.Altered));
    }

    private static async Task EndAsync(ScriptedAgent agent, JobInfo job, Ending? ending = null)
    {
        agent.Started(First(job));
        agent.Ended(First(job), ending ?? new Ending.Exited(0));
        await Coroutine.YieldAsync();
    }
}
