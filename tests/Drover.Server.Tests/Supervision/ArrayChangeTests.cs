using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class ArrayChangeTests : IDisposable
{
    private readonly Servers _servers = new() { Options = new() { Sites = [new() { Name = "local", Cpus = 100 }] } };

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void Jobs_that_wait_for_fewer_places_keep_no_others_from_free_CPUs()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            await server.SubmitAsync(Alice, Spec(cpus: 98));
            await agent.NextRunAsync();
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-3000" });
            Assert.Equal((1, 2), ((await agent.NextRunAsync()).Array!.Index, (await agent.NextRunAsync()).Array!.Index));
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { AtOnce = 1 });
            JobInfo other = await server.SubmitAsync(Alice, Spec());
            End(agent, Element(array, 1));
            Assert.Equal(other.Id, (await agent.NextRunAsync()).Attempt.Job);
        });
    }

    [Fact]
    public void Changes_do_not_let_more_and_more_jobs_be_followed()
    {
        _servers.Options = _servers.Options with { Jobs = new() { MostInLine = 40, MostInLineOfArray = 20 } };
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            await server.SubmitAsync(Alice, Spec(cpus: 100));
            await agent.NextRunAsync();
            ArrayInfo limited = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-500", AtOnce = 2 });
            ArrayInfo free = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-500" });
            await agent.NothingMoreAsync();
            Assert.Equal((20 + 2, 40), (Followed(server, limited), Followed(server, free))); // Two have places.
            for (int i = 1; i <= 5; i++)
            {
                foreach (ArrayInfo array in (ArrayInfo[])[limited, free])
                {
                    await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Priority = i });
                    await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Hold = true });
                    await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Hold = false });
                }

                await server.ChangeArrayAsync(Alice, limited.Id, new ArrayChanges { AtOnce = 1 + (i % 2) });
                await agent.NothingMoreAsync();
            }

            Assert.InRange(Followed(server, limited), 20, 20 + 2);
            Assert.InRange(Followed(server, free), 40, 40);
            for (int i = 0; i < 5; i++)
            {
                await server.ChangeArrayAsync(Alice, limited.Id, new ArrayChanges { AtOnce = 1000 });
                await agent.NothingMoreAsync();
                await server.ChangeArrayAsync(Alice, limited.Id, new ArrayChanges { AtOnce = 1 });
                await agent.NothingMoreAsync();
            }

            Assert.InRange(Followed(server, limited), 20, 40 + 2);
            End(agent, new JobId(1));
            Assert.Equal(1, (await agent.NextRunAsync()).Array!.Index); // In their order, all the same.
        });
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3)]
    public void An_array_is_held_and_released_as_a_whole_and_what_runs_goes_on(int? atOnce)
    {
        ArrayInfo array = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo wide = await server.SubmitAsync(Alice, Spec(cpus: 98));
            await agent.NextRunAsync();
            array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-3000", AtOnce = atOnce });
            Assert.Equal((1, 2), ((await agent.NextRunAsync()).Array!.Index, (await agent.NextRunAsync()).Array!.Index));
            ArrayInfo held = await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Hold = true });
            Assert.Equal((true, 2, 2998), (held.Spec.Job.Hold, held.Running, held.Queued));
            Assert.Equal($"held: `drover release {array.Id}` lets the jobs of the array start", (await server.FindAsync(Alice, Element(array, 2999))).Situation);
            End(agent, Element(array, 1));
            End(agent, new JobId(1));
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
        });
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server, new AttemptId(Element(array, 2), 1));
            await agent.NothingMoreAsync();
            Assert.Empty(agent.TakeAll()); // Also after a restart.
            await server.ChangeAsync(Alice, Element(array, 2000), new JobChanges { Hold = false }); // One alone.
            Assert.Equal(2000, (await agent.NextRunAsync()).Array!.Index);
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Hold = false });
            Assert.Equal(3, (await agent.NextRunAsync()).Array!.Index);
        });
        JobEventKind[] kinds = [.. _servers.Read(store => store.EventsAsync(Element(array, 2999))).Select(e => e.Kind)];
        Assert.Equal([JobEventKind.Submitted, JobEventKind.Held, JobEventKind.Released], kinds);
        Assert.DoesNotContain(_servers.Read(store => store.EventsAsync(Element(array, 2))), e => e.Kind == JobEventKind.Held);
    }

    [Fact]
    public void Priority_and_time_limit_of_those_that_wait_are_changed_and_kept_over_a_restart()
    {
        ArrayInfo array = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo wide = await server.SubmitAsync(Alice, Spec(cpus: 99));
            await agent.NextRunAsync();
            array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(cpus: 1), Indices = "1-500" });
            Assert.Equal(1, (await agent.NextRunAsync()).Array!.Index);
            JobInfo before = await server.SubmitAsync(Alice, Spec(priority: 3));
            await server.ChangeAsync(Alice, Element(array, 400), new JobChanges { Priority = 9 });
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Priority = 5, TimeLimitSeconds = 60 });
            ArrayInfo after = await server.FindArrayAsync(Alice, array.Id);
            Assert.Equal((5, 60), (after.Spec.Job.Priority, after.Spec.Job.TimeLimitSeconds));
            Assert.Equal((0, null), Asked(await server.FindAsync(Alice, Element(array, 1)))); // It runs as it was asked for.
            Assert.Equal((5, 60), Asked(await server.FindAsync(Alice, Element(array, 400))));
            agent.Started(First(array, 1));
            agent.Ended(First(array, 1), new Ending.Exited(0));
            RunOrder next = await agent.NextRunAsync();
            Assert.Equal((2, 60), (next.Array!.Index, next.Spec.TimeLimitSeconds));
        });
        _servers.Run(async server =>
        {
            Assert.Equal((5, 60), Asked(await server.FindAsync(Alice, Element(array, 500))));
            Assert.Equal((0, null), Asked(await server.FindAsync(Alice, Element(array, 1))));
            Assert.Equal(5, (await server.FindArrayAsync(Alice, array.Id)).Spec.Job.Priority);
        });
        Assert.Contains(
            _servers.Read(store => store.EventsAsync(Element(array, 400))),
            e => (e.Kind, e.Actor, e.Cause) == (JobEventKind.Altered, User, "priority from 9 to 5, time limit from none to 1m"));

        static (int, double?) Asked(JobInfo job) => (job.Spec.Priority, job.Spec.TimeLimitSeconds);
    }

    [Fact]
    public void How_many_run_at_once_is_changed_up_and_down()
    {
        ArrayInfo array = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-300" });
            await StartedAsync(agent, 100); // As many as there are CPUs.
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { AtOnce = 3 });
            await EndAsync(agent, 1, 97);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>()); // Three run yet.
            Assert.Equal($"waiting for one of 3 places of array {array.Id}", (await server.FindAsync(Alice, Element(array, 200))).Situation);
            await EndAsync(agent, 98, 98);
            await StartedAsync(agent, 1);
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { AtOnce = 5 });
            await StartedAsync(agent, 2);
        });
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server, [.. Enumerable.Range(99, 5).Select(index => First(array, index))]);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { AtOnce = 300 });
            await StartedAsync(agent, 95);
            Assert.Equal(300, (await server.FindArrayAsync(Alice, array.Id)).Spec.AtOnce);
        });

        static async Task StartedAsync(ScriptedAgent agent, int count)
        {
            for (int i = 0; i < count; i++)
            {
                agent.Started((await agent.NextRunAsync()).Attempt);
            }

            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
        }

        async Task EndAsync(ScriptedAgent agent, int first, int last)
        {
            for (int index = first; index <= last; index++)
            {
                agent.Ended(First(array, index), new Ending.Exited(0));
            }

            await agent.NothingMoreAsync();
        }
    }

    [Fact]
    public void A_job_that_is_tried_again_has_its_place_before_those_that_have_never_begun()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            ArrayInfo array = await server.SubmitArrayAsync(
                Alice, new ArraySpec { Job = Spec() with { Retry = new RetryPolicy(1, 1) }, Indices = "1-300", AtOnce = 1 });
            Assert.Equal(1, (await agent.NextRunAsync()).Array!.Index);
            agent.Started(First(array, 1));
            agent.Ended(First(array, 1), new Ending.Exited(75));
            Assert.Equal(2, (await agent.NextRunAsync()).Array!.Index); // While the first waits for its time.
            await agent.NothingMoreAsync();
            Assert.Equal($"waiting for the only place of array {array.Id}", (await server.FindAsync(Alice, Element(array, 1))).Situation);
            agent.Started(First(array, 2));
            agent.Ended(First(array, 2), new Ending.Exited(0));
            Assert.Equal(new AttemptId(Element(array, 1), 2), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void What_cannot_be_changed_is_refused_and_nothing_is()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-2" });
            foreach (ArrayChanges wrong in (ArrayChanges[])[new() { Priority = 5000 }, new() { TimeLimitSeconds = 0 }, new() { AtOnce = 0 }])
            {
                Assert.Equal("badRequest", await RefusedAsync(Alice, array.Id, wrong));
            }

            Assert.Equal("notFound", await RefusedAsync(Bob, array.Id, new ArrayChanges { Hold = true }));
            Assert.Equal("notFound", await RefusedAsync(Alice, array.FirstJob, new ArrayChanges { Hold = true }));
            await agent.NextRunAsync();
            await agent.NextRunAsync();
            Assert.Equal("conflict", await RefusedAsync(Alice, array.Id, new ArrayChanges { Hold = true }));
            foreach (int index in (int[])[1, 2])
            {
                agent.Started(First(array, index));
                agent.Ended(First(array, index), new Ending.Exited(0));
            }

            await server.WaitForArrayAsync(Alice, array.Id, TimeSpan.FromDays(1));
            Assert.Equal("conflict", await RefusedAsync(Alice, array.Id, new ArrayChanges { AtOnce = 1 }));
            Assert.Equal((0, null), ((await server.FindArrayAsync(Alice, array.Id)).Spec.Job.Priority, (await server.FindArrayAsync(Alice, array.Id)).Spec.AtOnce));

            async Task<string> RefusedAsync(Caller caller, JobId id, ArrayChanges changes) =>
                (await Assert.ThrowsAsync<RequestRefusedException>(() => server.ChangeArrayAsync(caller, id, changes))).Code;
        });
    }

    [Fact]
    public void An_array_that_is_submitted_held_and_comes_after_a_job_waits_for_both()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo first = await server.SubmitAsync(Alice, Spec());
            ArrayInfo array = await server.SubmitArrayAsync(
                Alice, new ArraySpec { Job = Spec() with { Hold = true, After = [new Dependency(first.Id)] }, Indices = "1-300" });
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Hold = false });
            await agent.NextRunAsync();
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Hold = true });
            End(agent, first.Id);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Hold = false });
            Assert.Equal(1, (await agent.NextRunAsync()).Array!.Index);
        });
    }

    [Fact]
    public void A_change_and_a_cancel_at_once_leave_no_job_that_nobody_follows()
    {
        _servers.Run(async server =>
        {
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-300", AtOnce = 2 });
            await TaskGroup.AllAsync(
                [
                    async () => { await server.ChangeArrayAsync(Alice, array.Id, new ArrayChanges { Priority = 1 }); return 0; },
                    async () => { await server.CancelAsync(Alice, Element(array, 200), new CancelRequest()); return 0; },
                    async () => { await server.ChangeAsync(Alice, Element(array, 201), new JobChanges { Priority = 7 }); return 0; },
                    async () => { await server.CancelArrayAsync(Alice, array.Id, new CancelRequest()); return 0; },
                ]);
            ArrayInfo end = await server.WaitForArrayAsync(Alice, array.Id, TimeSpan.FromDays(1));
            Assert.Equal((true, 300), (end.IsOver, end.Failed));
        });
    }

    [Fact]
    public void A_job_that_ends_by_itself_while_its_array_is_canceled_was_canceled_by_nobody()
    {
        ArrayInfo array = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-2", AtOnce = 2 });
            await agent.NextRunAsync();
            await agent.NextRunAsync();
            agent.Started(First(array, 1));
            agent.Started(First(array, 2));
            await server.WaitAsync(Alice, Element(array, 2), TimeSpan.FromDays(1), job => job.State == JobState.Running);
            agent.Ended(First(array, 1), new Ending.Exited(0));
            for (int i = 0; i < 3; i++)
            {
                await Coroutine.YieldAsync(); // Its end is on the way to the disk.
            }

            await server.CancelArrayAsync(Alice, array.Id, new CancelRequest());
            JobInfo job = await server.WaitAsync(Alice, Element(array, 1), TimeSpan.FromDays(1), job => job.State == JobState.Ended);
            Assert.Equal((new Ending.Exited(0), null), (job.End!.Ending, job.CancelRequestedBy));
        });
        Assert.DoesNotContain(_servers.Read(store => store.EventsAsync(Element(array, 1))), e => e.Kind == JobEventKind.CancelRequested);
    }

    [Fact]
    public void The_cancel_of_an_array_is_told_of_the_attempt_that_it_met()
    {
        ArrayInfo array = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            array = await server.SubmitArrayAsync(
                Alice, new ArraySpec { Job = Spec() with { Retry = new RetryPolicy(3, 60) }, Indices = "1-2", AtOnce = 2 });
            await agent.NextRunAsync();
            await agent.NextRunAsync();
            agent.Started(First(array, 1));
            await server.WaitAsync(Alice, Element(array, 1), TimeSpan.FromDays(1), job => job.State == JobState.Running);
            agent.Ended(First(array, 1), new Ending.Exited(75));
            for (int i = 0; i < 3; i++)
            {
                await Coroutine.YieldAsync(); // Its retry is on the way to the disk.
            }

            await server.CancelArrayAsync(Alice, array.Id, new CancelRequest());
            JobInfo job = await server.WaitAsync(Alice, Element(array, 1), TimeSpan.FromDays(1), job => job.State == JobState.Ended);
            Assert.Equal(new Ending.Canceled(User), job.End!.Ending);
        });
        JobEvent[] trail = [.. _servers.Read(store => store.EventsAsync(Element(array, 1)))];
        int retried = Array.FindIndex(trail, e => e.Kind == JobEventKind.Retried);
        int canceled = Array.FindIndex(trail, e => e.Kind == JobEventKind.CancelRequested);
        Assert.Equal(retried >= 0 && retried < canceled ? 2 : 1, trail[canceled].Attempt);
    }

    [Fact]
    public void The_highest_exit_code_is_known_of_an_array_also_after_a_restart()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-4" });
            Ending[] endings = [new Ending.Exited(3), new Ending.Signaled(9, "SIGKILL"), new Ending.Exited(7), new Ending.Exited(0)];
            for (int index = 1; index <= 4; index++)
            {
                agent.Started((await agent.NextRunAsync()).Attempt);
                agent.Ended(First(array, index), endings[index - 1]);
            }

            Assert.Equal(137, (await server.WaitForArrayAsync(Alice, array.Id, TimeSpan.FromDays(1))).ExitCode);
        });
        _servers.Run(async server => Assert.Equal(137, (await server.FindArrayAsync(Alice, new JobId(1))).ExitCode));
    }

    private static JobId Element(ArrayInfo array, int index) => new(array.Id.Value + index);

    private static AttemptId First(ArrayInfo array, int index) => new(Element(array, index), 1);

    private static void End(ScriptedAgent agent, JobId job)
    {
        agent.Started(new AttemptId(job, 1));
        agent.Ended(new AttemptId(job, 1), new Ending.Exited(0));
    }

    private static int Followed(Supervisor server, ArrayInfo array) =>
        Enumerable.Range(1, array.Count).Count(index => server.Live(Element(array, index)) is { IsIdle: false });

    private static async Task<ScriptedAgent> AgentAsync(Supervisor server, params AttemptId[] known)
    {
        var agent = new ScriptedAgent(server, User, cpus: 100);
        await agent.ConnectAsync(known);
        return agent;
    }
}
