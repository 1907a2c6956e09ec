using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class ArrayTests : IDisposable
{
    private readonly Servers _servers = new() { Options = new() { Sites = [new() { Name = "local", Cpus = 100 }] } };

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void An_array_has_one_number_and_its_jobs_those_after_it_in_the_order_of_their_indices()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            await server.SubmitAsync(Alice, Spec());
            await agent.NextRunAsync();
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec() with { Name = "orbits" }, Indices = "7-9,1" });
            Assert.Equal((new JobId(2), "orbits", 4, new JobId(3), 4), (array.Id, array.Name, array.Count, array.FirstJob, array.Queued));
            Assert.Equal(new JobId(7), (await server.SubmitAsync(Alice, Spec())).Id);
            int[] indices = [1, 7, 8, 9];
            for (int i = 0; i < indices.Length; i++)
            {
                RunOrder order = await agent.NextRunAsync();
                Assert.Equal((new AttemptId(new JobId(3 + i), 1), new ArrayElement(array.Id, indices[i])), (order.Attempt, order.Array));
                JobInfo job = await server.FindAsync(Alice, order.Attempt.Job);
                Assert.Equal((order.Array, "orbits"), (job.Array, job.Name));
                Assert.Equal(job.Id, await server.NumberOfAsync(Alice, new JobRef(array.Id, indices[i])));
            }

            Assert.Null((await agent.NextRunAsync()).Array);
        });
    }

    [Fact]
    public void So_many_of_its_jobs_run_at_once_first_come_first_served()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-10", AtOnce = 3 });
            var running = new Queue<AttemptId>();
            var order = new List<int>();
            while (order.Count < 10)
            {
                await agent.NothingMoreAsync();
                foreach (ServerMessage.Run run in agent.TakeAll().OfType<ServerMessage.Run>())
                {
                    agent.Started(run.Order.Attempt);
                    running.Enqueue(run.Order.Attempt);
                    order.Add(run.Order.Array!.Index);
                }

                Assert.Equal(Math.Min(3, 10 - order.Count + running.Count), running.Count);
                if (order.Count == 3)
                {
                    JobInfo waits = await server.FindAsync(Alice, array.FirstJob with { Value = array.FirstJob.Value + 3 });
                    Assert.Equal($"waiting for one of 3 places of array {array.Id}", waits.Situation);
                    Assert.Equal((7, 3), ((await server.FindArrayAsync(Alice, array.Id)).Queued, (await server.FindArrayAsync(Alice, array.Id)).Running));
                }

                agent.Ended(running.Dequeue(), new Ending.Exited(0));
            }

            Assert.Equal(Enumerable.Range(1, 10), order);
            foreach (AttemptId attempt in running)
            {
                agent.Ended(attempt, new Ending.Exited(1));
            }

            ArrayInfo end = await server.WaitForArrayAsync(Alice, array.Id, TimeSpan.FromDays(1));
            Assert.Equal((true, 8, 2, 0, 0), (end.IsOver, end.Succeeded, end.Failed, end.Queued, end.Running));
        });
    }

    [Fact]
    public void Places_are_kept_over_restarts_and_given_back_by_the_canceled()
    {
        ArrayInfo array = null!;
        AttemptId[] running = [];
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "0-5", AtOnce = 2 });
            running = [(await agent.NextRunAsync()).Attempt, (await agent.NextRunAsync()).Attempt];
            agent.Started(running[0]);
            agent.Started(running[1]);
            agent.Ended(running[0], new Ending.Exited(0));
            running[0] = (await agent.NextRunAsync()).Attempt;
            agent.Started(running[0]);
            await server.WaitAsync(Alice, running[0].Job, TimeSpan.FromDays(1), job => job.State == JobState.Running);
        });
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server, running);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            ArrayInfo now = await server.FindArrayAsync(Alice, array.Id);
            Assert.Equal((3, 2, 1), (now.Queued, now.Running, now.Succeeded));

            // One that waits for a place leaves the line, one that has a place gives it to the next.
            await server.CancelAsync(Alice, await server.NumberOfAsync(Alice, new JobRef(array.Id, 3)), new CancelRequest());
            await server.CancelAsync(Alice, running[1].Job, new CancelRequest());
            agent.Ended((await agent.NextAsync<ServerMessage.Stop>()).Attempt, new Ending.Canceled(User));
            Assert.Equal(4, (await agent.NextRunAsync()).Array!.Index);
            agent.Ended(running[0], new Ending.Exited(0));
            Assert.Equal(5, (await agent.NextRunAsync()).Array!.Index);
        });
    }

    [Fact]
    public void Places_are_kept_over_restarts_in_whatever_order_jobs_are_taken_up()
    {
        AttemptId running = default;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "0-9", AtOnce = 1 });
            running = (await agent.NextRunAsync()).Attempt;
            agent.Started(running);
            await server.WaitAsync(Alice, running.Job, TimeSpan.FromDays(1), job => job.State == JobState.Running);
        });
        for (ulong seed = 1; seed <= 5; seed++)
        {
            _servers.Seed = seed;
            _servers.Run(async server =>
            {
                ScriptedAgent agent = await AgentAsync(server, [running]);
                await agent.NothingMoreAsync();
                Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            });
        }
    }

    [Fact]
    public void An_array_is_canceled_as_a_whole()
    {
        ArrayInfo array = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-1000", AtOnce = 2 });
            AttemptId first = (await agent.NextRunAsync()).Attempt;
            AttemptId second = (await agent.NextRunAsync()).Attempt;
            agent.Started(first);
            agent.Ended(first, new Ending.Exited(0));
            agent.Started(second);
            await server.WaitAsync(Alice, first.Job, TimeSpan.FromDays(1), job => job.State == JobState.Ended);
            AttemptId third = (await agent.NextRunAsync()).Attempt;
            await server.CancelArrayAsync(Alice, array.Id, new CancelRequest { Why = "enough" });
            AttemptId[] stopped = [(await agent.NextAsync<ServerMessage.Stop>()).Attempt, (await agent.NextAsync<ServerMessage.Stop>()).Attempt];
            Assert.Equal([second, third], stopped.OrderBy(attempt => attempt.Job));
            agent.Ended(second, new Ending.Canceled(User, "enough"));
            agent.Ended(third, new Ending.Canceled(User, "enough"));
            ArrayInfo end = await server.WaitForArrayAsync(Alice, array.Id, TimeSpan.FromDays(1));
            Assert.Equal((1, 999, true), (end.Succeeded, end.Failed, end.IsOver));
            Assert.Equal(end, await server.CancelArrayAsync(Alice, array.Id, new CancelRequest()));
        });
        _servers.Run(async server =>
        {
            ArrayInfo end = await server.FindArrayAsync(Alice, array.Id);
            Assert.Equal((1, 999, true), (end.Succeeded, end.Failed, end.IsOver));
            JobInfo last = await server.FindAsync(Alice, await server.NumberOfAsync(Alice, new JobRef(array.Id, 1000)));
            Assert.Equal(new Ending.Canceled(User, "enough"), last.End!.Ending);
        });
        IReadOnlyList<JobEvent> trail = _servers.Read(store => store.EventsAsync(new JobId(array.FirstJob.Value + 999)));
        Assert.Equal([JobEventKind.Submitted, JobEventKind.CancelRequested, JobEventKind.Ended], trail.Select(step => step.Kind));
        IReadOnlyList<JobEvent> untouched = _servers.Read(store => store.EventsAsync(array.FirstJob));
        Assert.DoesNotContain(untouched, step => step.Kind == JobEventKind.CancelRequested);
    }

    [Fact]
    public void A_cancel_that_is_on_disk_when_the_server_dies_is_carried_out_after_the_restart()
    {
        ArrayInfo array = null!;
        _servers.Run(async server =>
        {
            array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-50" });
            await server.CancelArrayAsync(Alice, array.Id, new CancelRequest());
        });
        _servers.Run(async server =>
        {
            ArrayInfo end = await server.WaitForArrayAsync(Alice, array.Id, TimeSpan.FromDays(1));
            Assert.Equal((true, 50), (end.IsOver, end.Failed));
        });
    }

    [Theory]
    [InlineData(DependencyKind.Succeeded, false, null)]
    [InlineData(DependencyKind.Succeeded, true, "job 1_2 of array 1, all of which had to succeed first, exited with code 3")]
    [InlineData(DependencyKind.Ended, true, null)]
    [InlineData(DependencyKind.Failed, true, null)]
    [InlineData(DependencyKind.Failed, false, "array 1, one job of which had to fail first, succeeded")]
    public void A_job_can_come_after_an_array(DependencyKind kind, bool fails, string? why)
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-3" });
            JobInfo last = await server.SubmitAsync(Alice, Spec() with { After = [new Dependency(new JobId(1), kind)] });
            for (int i = 0; i < 3; i++)
            {
                agent.Started((await agent.NextRunAsync()).Attempt);
            }

            await agent.NothingMoreAsync();
            Assert.EndsWith(", 0 of 3 jobs of which have ended", (await server.FindAsync(Alice, last.Id)).Situation);
            agent.Ended(Element(1), new Ending.Exited(0));
            agent.Ended(Element(2), new Ending.Exited(fails ? 3 : 0));
            await agent.NothingMoreAsync();
            Assert.Equal(kind == DependencyKind.Succeeded && fails, (await server.FindAsync(Alice, last.Id)).State == JobState.Ended);
            agent.Ended(Element(3), new Ending.Exited(0));
            await ResultAsync(server, agent, last, why);
        });
        _servers.Run(async server =>
        {
            JobInfo late = await server.SubmitAsync(Alice, Spec() with { After = [new Dependency(new JobId(1), kind)] });
            await ResultAsync(server, await AgentAsync(server), late, why); // The database tells the same.
        });
    }

    [Fact]
    public void An_element_is_named_by_its_place_and_the_array_by_its_number()
    {
        _servers.Run(async server =>
        {
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "0-90:10" });
            Assert.Equal(array.FirstJob with { Value = array.FirstJob.Value + 3 }, await server.NumberOfAsync(Alice, new JobRef(array.Id, 30)));
            foreach ((Caller who, JobRef what) in ((Caller, JobRef)[])[(Alice, new(array.Id, 31)), (Alice, new(new JobId(99), 0)), (Bob, new(array.Id, 30))])
            {
                RequestRefusedException missing = await Assert.ThrowsAsync<RequestRefusedException>(() => server.NumberOfAsync(who, what));
                Assert.Equal(("notFound", $"There is no job {what}."), (missing.Code, missing.Message));
            }

            RequestRefusedException no = await Assert.ThrowsAsync<RequestRefusedException>(() => server.FindAsync(Alice, array.Id));
            Assert.Equal(("isArray", "1 is an array of 10 jobs: name one of them, such as 1_0, or ask for the array."), (no.Code, no.Message));
            Assert.Equal("notFound", (await Assert.ThrowsAsync<RequestRefusedException>(() => server.FindAsync(Bob, array.Id))).Code);
            Assert.Equal("notFound", (await Assert.ThrowsAsync<RequestRefusedException>(() => server.FindArrayAsync(Bob, array.Id))).Code);
            Assert.Equal("notFound", (await Assert.ThrowsAsync<RequestRefusedException>(() => server.FindArrayAsync(Alice, array.FirstJob))).Code);
            await Assert.ThrowsAsync<RequestRefusedException>(() => server.CancelArrayAsync(Bob, array.Id, new CancelRequest()));
            Assert.Equal(10, (await server.FindArrayAsync(Alice, array.Id)).Queued);
        });
    }

    [Fact]
    public void An_array_that_makes_no_sense_is_refused_and_takes_no_number()
    {
        _servers.Run(async server =>
        {
            ArraySpec[] wrong =
            [
                new() { Job = Spec(), Indices = "" },
                new() { Job = Spec(), Indices = "3-1" },
                new() { Job = Spec(), Indices = "1-3", AtOnce = 0 },
                new() { Job = Spec() with { Command = [] }, Indices = "1-3" },
                new() { Job = Spec() with { After = [new Dependency(new JobId(5))] }, Indices = "1-3" },
            ];
            foreach (ArraySpec spec in wrong)
            {
                await Assert.ThrowsAsync<RequestRefusedException>(() => server.SubmitArrayAsync(Alice, spec));
            }

            Assert.Equal(new JobId(1), (await server.SubmitAsync(Alice, Spec())).Id);
        });
    }

    [Fact]
    public void An_array_is_explained_in_groups()
    {
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            ArrayInfo array = await server.SubmitArrayAsync(Alice, new ArraySpec { Job = Spec(), Indices = "1-20", AtOnce = 8 });
            for (int i = 1; i <= 8; i++)
            {
                agent.Started((await agent.NextRunAsync()).Attempt);
                agent.Ended(Element(i), i switch { 3 or 5 or 6 or 7 => new Ending.Exited(3), 4 => new Ending.Signaled(9, "SIGKILL"), _ => new Ending.Exited(0) });
            }

            for (int i = 9; i <= 16; i++)
            {
                Assert.Equal(i, (await agent.NextRunAsync()).Array!.Index);
            }

            await server.WaitAsync(Alice, Element(8).Job, TimeSpan.FromDays(1), job => job.State == JobState.Ended);
            ArrayExplanation story = await server.ExplainArrayAsync(Alice, array.Id);
            Assert.Equal("8 of 20 jobs have ended: 3 succeeded, 5 did not succeed, 8 run, 4 wait.", story.Summary);
            Assert.Equal(
                ["exited with code 3: 4 (3, 5, 6)", "succeeded: 3 (1, 2, 8)", "ended by signal 9 (SIGKILL): 1 (4)"],
                story.Endings.Select(Text));
            Assert.Equal([$"waiting for one of 8 places of array {array.Id}: 4 (17, 18, 19)"], story.Waiting.Select(Text));
            Assert.Contains($"drover explain {array.Id}_3 tells more of one that exited with code 3", story.Advice);
        });

        static string Text(ArrayGroup group) => $"{group.What}: {group.Count} ({string.Join(", ", group.Examples)})";
    }

    [Fact]
    public void The_jobs_of_an_array_wait_together_for_what_it_comes_after()
    {
        JobInfo first = null!;
        ArrayInfo array = null!;
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            first = await server.SubmitAsync(Alice, Spec());
            array = await server.SubmitArrayAsync(
                Alice, new ArraySpec { Job = Spec() with { After = [new Dependency(first.Id)] }, Indices = "1-300", AtOnce = 2 });
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, first, JobState.Running);
            Assert.Equal("waiting for job 1 to succeed, which is running", (await server.FindArrayAsync(Alice, array.Id)).Situation);
            Assert.True(Enumerable.Range(1, 300).All(i => server.Live(new JobId(array.Id.Value + i))!.IsIdle)); // No coroutine for any of them.

            // One that is changed leaves the others, and waits for itself.
            await server.CancelAsync(Alice, array.FirstJob, new CancelRequest());
            await server.WaitAsync(Alice, array.FirstJob, TimeSpan.FromDays(1), job => job.State == JobState.Ended);
        });
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server, First(first));
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
            Assert.Equal((299, 1), ((await server.FindArrayAsync(Alice, array.Id)).Queued, (await server.FindArrayAsync(Alice, array.Id)).Failed));
            agent.Ended(First(first), new Ending.Exited(0));
            Assert.Equal(2, (await agent.NextRunAsync()).Array!.Index);
            Assert.Equal(3, (await agent.NextRunAsync()).Array!.Index);
            await agent.NothingMoreAsync();
            Assert.Empty(agent.Received.OfType<ServerMessage.Run>());
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_jobs_of_an_array_end_when_what_it_comes_after_cannot_happen_any_more(bool isHeld)
    {
        ArrayInfo array = null!;
        const string Why = "job 1, which had to succeed first, exited with code 3";
        _servers.Run(async server =>
        {
            ScriptedAgent agent = await AgentAsync(server);
            JobInfo first = await server.SubmitAsync(Alice, Spec());
            array = await server.SubmitArrayAsync(
                Alice, new ArraySpec { Job = Spec() with { After = [new Dependency(first.Id)], Hold = isHeld }, Indices = "1-300" });
            JobInfo last = await server.SubmitAsync(Alice, Spec() with { After = [new Dependency(array.Id)] });
            agent.Started((await agent.NextRunAsync()).Attempt);
            agent.Ended(First(first), new Ending.Exited(3));
            ArrayInfo end = await server.WaitForArrayAsync(Alice, array.Id, TimeSpan.FromDays(1));
            Assert.Equal((true, 300), (end.IsOver, end.Failed));
            Assert.EndsWith($"it began when {Why}", ((Ending.Canceled)(await EndAsync(server, last)).End!.Ending).Why);
            Assert.Equal(new Ending.Canceled("drover", Why), (await server.FindAsync(Alice, array.FirstJob)).End!.Ending);
        });
        IReadOnlyList<JobEvent> trail = _servers.Read(store => store.EventsAsync(new JobId(array.FirstJob.Value + 299)));
        Assert.Equal([JobEventKind.Submitted, JobEventKind.Ended], trail.Select(step => step.Kind));
        Assert.Equal(("drover", $"canceled by drover: {Why}", JobState.Ended), (trail[1].Actor, trail[1].Cause, trail[1].State));
    }

    [Fact]
    public void An_array_is_canceled_while_it_waits_for_others()
    {
        _servers.Run(async server =>
        {
            JobInfo first = await server.SubmitAsync(Alice, Spec());
            ArrayInfo array = await server.SubmitArrayAsync(
                Alice, new ArraySpec { Job = Spec() with { After = [new Dependency(first.Id)] }, Indices = "1-300", AtOnce = 2 });
            ArrayInfo end = await server.CancelArrayAsync(Alice, array.Id, new CancelRequest { Why = "enough" });
            Assert.Equal((true, 300), (end.IsOver, end.Failed)); // In the same commit.
            JobInfo job = await server.FindAsync(Alice, array.FirstJob);
            Assert.Equal((new Ending.Canceled(User, "enough"), User), (job.End!.Ending, job.CancelRequestedBy));
            await server.CancelAsync(Alice, first.Id, new CancelRequest());
            await EndAsync(server, first);
        });
    }

    private static AttemptId Element(int index) => new(new JobId(1 + index), 1);

    private static async Task ResultAsync(Supervisor server, ScriptedAgent agent, JobInfo job, string? why)
    {
        if (why is null)
        {
            Assert.Equal(First(job), (await agent.NextRunAsync()).Attempt);
            agent.Started(First(job));
            agent.Ended(First(job), new Ending.Exited(0));
            await EndAsync(server, job);
        }
        else
        {
            Assert.Equal(new Ending.Canceled("drover", why), (await EndAsync(server, job)).End!.Ending);
        }
    }

    private static async Task<ScriptedAgent> AgentAsync(Supervisor server, params AttemptId[] known)
    {
        var agent = new ScriptedAgent(server, User);
        await agent.ConnectAsync(known);
        return agent;
    }
}
