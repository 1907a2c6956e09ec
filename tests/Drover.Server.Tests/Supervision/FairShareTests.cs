using Drover.Server.Configuration;
using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

/// <summary>Priority counts inside a user; between users, who has used the least lately goes first.</summary>
public sealed class FairShareTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void A_user_with_many_jobs_does_not_hold_up_another_who_has_one()
    {
        _servers.Run(async server =>
        {
            (ScriptedAgent alice, ScriptedAgent bob) = await AgentsAsync(server);
            IReadOnlyList<JobInfo> many = (await server.SubmitAsync(Alice, [.. Enumerable.Repeat(Spec(cpus: 2), new JobOptions().MostInLine + 20)], key: null)).Answer;
            await RunAsync(alice, many[0]);
            JobInfo one = await server.SubmitAsync(Bob, Spec(cpus: 2));
            await RunAsync(alice, many[1]); // It had begun.
            await RunAsync(bob, one);
            await RunAsync(alice, many[2]);
        });
    }

    [Fact]
    public void A_priority_does_not_pass_the_jobs_of_another_user()
    {
        _servers.Run(async server =>
        {
            (ScriptedAgent alice, ScriptedAgent bob) = await AgentsAsync(server);
            JobInfo running = await server.SubmitAsync(Alice, Spec(cpus: 2));
            RunOrder order = await alice.NextRunAsync();
            JobInfo lowest = await server.SubmitAsync(Bob, Spec(cpus: 2, priority: -1000));
            JobInfo later = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo urgent = await server.SubmitAsync(Alice, Spec(cpus: 2, priority: 1000));
            Assert.Equal($"waiting for 2 of 2 CPUs, next in line; 0 free, the rest held by job {running.Id}", await SituationAsync(server, Bob, lowest));
            Assert.Equal($"waiting for 2 of 2 CPUs, behind job {lowest.Id} of another user", await SituationAsync(server, Alice, urgent));
            Assert.Equal($"waiting for 2 of 2 CPUs, behind job {urgent.Id}", await SituationAsync(server, Alice, later));
            await EndAsync(alice, order);
            await RunAsync(bob, lowest);
            await RunAsync(alice, urgent);
            await RunAsync(alice, later);
        });
    }

    [Fact]
    public void Users_who_have_used_nothing_are_served_in_the_order_of_submission()
    {
        _servers.Run(async server =>
        {
            JobInfo first = await server.SubmitAsync(Bob, Spec());
            JobInfo second = await server.SubmitAsync(Alice, Spec(priority: 10));
            server.Agents.FindSite("local")!.Cpus.Resize(0);
            (ScriptedAgent alice, ScriptedAgent bob) = await AgentsAsync(server);
            await Coroutine.SleepAsync(s_minute);
            server.Agents.FindSite("local")!.Cpus.Resize(1);
            await RunAsync(bob, first);
            await RunAsync(alice, second);
        });
    }

    [Fact]
    public void CPUs_that_come_free_at_one_moment_are_shared()
    {
        _servers.Run(async server =>
        {
            await server.SubmitAsync(Alice, [.. Enumerable.Repeat(Spec(), 8)], key: null);
            await server.SubmitAsync(Bob, [.. Enumerable.Repeat(Spec(), 8)], key: null);
            server.Agents.FindSite("local")!.Cpus.Resize(0);
            (ScriptedAgent alice, ScriptedAgent bob) = await AgentsAsync(server);
            await Coroutine.SleepAsync(s_minute);
            server.Agents.FindSite("local")!.Cpus.Resize(8);
            await Coroutine.SleepAsync(s_minute);
            Assert.Equal((4, 4), (alice.Received.OfType<ServerMessage.Run>().Count(), bob.Received.OfType<ServerMessage.Run>().Count()));
        });
    }

    [Fact]
    public void Two_users_with_many_jobs_take_turns()
    {
        _servers.Run(async server =>
        {
            (ScriptedAgent alice, ScriptedAgent bob) = await AgentsAsync(server);
            await server.SubmitAsync(Alice, [.. Enumerable.Repeat(Spec(cpus: 2), 100)], key: null);
            await server.SubmitAsync(Bob, [.. Enumerable.Repeat(Spec(cpus: 2), 100)], key: null);
            (int ofAlice, int ofBob) = (0, 0);
            for (int i = 0; i < 60; i++)
            {
                (RunOrder order, bool isAlice) = await NextAsync(alice, bob);
                (ofAlice, ofBob) = isAlice ? (ofAlice + 1, ofBob) : (ofAlice, ofBob + 1);
                Assert.InRange(ofAlice - ofBob, -1, 1);
                await EndAsync(isAlice ? alice : bob, order);
            }
        });
    }

    [Fact]
    public void A_large_job_whose_turn_it_is_keeps_what_is_free()
    {
        _servers.Run(async server =>
        {
            (ScriptedAgent alice, ScriptedAgent bob) = await AgentsAsync(server);
            await server.SubmitAsync(Alice, Spec());
            RunOrder small = await alice.NextRunAsync();
            await Coroutine.SleepAsync(s_minute);
            JobInfo large = await server.SubmitAsync(Alice, Spec(cpus: 2));
            await Coroutine.SleepAsync(s_minute);
            JobInfo other = await server.SubmitAsync(Bob, Spec()); // He has used nothing, and there is room for it.
            await bob.NothingMoreAsync();
            Assert.Empty(bob.Received.OfType<ServerMessage.Run>());
            Assert.Equal($"waiting for 1 of 2 CPUs, behind job {large.Id} of another user", await SituationAsync(server, Bob, other));
            await EndAsync(alice, small);
            await RunAsync(alice, large);
            await RunAsync(bob, other);
        });
    }

    [Theory]
    [InlineData(0, 7, false)] // Alice: 11 minutes that ran and 10 kept; Bob: twice 8.
    [InlineData(9, 14, true)] // Alice: 20 minutes that ran and 10 kept; Bob: twice 15.
    public void CPUs_count_as_held_as_long_as_they_are_kept_free_for_a_job(int minutesAfter, int minutesOfBob, bool aliceIsNext)
    {
        _servers.Run(async server =>
        {
            (ScriptedAgent alice, ScriptedAgent bob) = await AgentsAsync(server);
            await server.SubmitAsync(Alice, Spec());
            RunOrder small = await alice.NextRunAsync();
            JobInfo large = await server.SubmitAsync(Alice, Spec(cpus: 2));
            await Coroutine.SleepAsync(10 * s_minute);
            await server.CancelAsync(Alice, large.Id, new CancelRequest());
            await Coroutine.SleepAsync(minutesAfter * s_minute);
            await EndAsync(alice, small);

            await server.SubmitAsync(Bob, Spec(cpus: 2));
            RunOrder ofBob = await bob.NextRunAsync();
            await Coroutine.SleepAsync(minutesOfBob * s_minute);
            await server.SubmitAsync(Alice, Spec(cpus: 2));
            await server.SubmitAsync(Bob, Spec(cpus: 2));
            await EndAsync(bob, ofBob);
            Assert.Equal(aliceIsNext, (await NextAsync(alice, bob)).IsAlice);
        });
    }

    [Fact]
    public void What_was_used_is_forgotten_by_and_by()
    {
        _servers.Run(async server =>
        {
            (ScriptedAgent alice, ScriptedAgent bob) = await AgentsAsync(server);
            await server.SubmitAsync(Alice, Spec());
            RunOrder order = await alice.NextRunAsync();
            await Coroutine.SleepAsync(TimeSpan.FromHours(10));
            await EndAsync(alice, order);
            await Coroutine.SleepAsync(TimeSpan.FromHours(20));

            await server.SubmitAsync(Bob, Spec(cpus: 2));
            order = await bob.NextRunAsync();
            JobInfo first = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo second = await server.SubmitAsync(Bob, Spec(cpus: 2));
            await EndAsync(bob, order);
            await RunAsync(alice, first); // What Bob has used in the last minute is more.
            await RunAsync(bob, second);
        });
    }

    private static async Task<(ScriptedAgent Alice, ScriptedAgent Bob)> AgentsAsync(Supervisor server)
    {
        var alice = new ScriptedAgent(server, User);
        var bob = new ScriptedAgent(server, "bob", folder: "folder-2");
        await alice.ConnectAsync();
        await bob.ConnectAsync();
        return (alice, bob);
    }

    /// <summary>Expects the start of this job before any other, and lets it run for a minute.</summary>
    private static async Task RunAsync(ScriptedAgent agent, JobInfo job)
    {
        RunOrder order = await agent.NextRunAsync();
        Assert.Equal(First(job), order.Attempt);
        await EndAsync(agent, order);
    }

    private static async Task EndAsync(ScriptedAgent agent, RunOrder order)
    {
        agent.Started(order.Attempt);
        await Coroutine.SleepAsync(s_minute);
        agent.Ended(order.Attempt, new Ending.Exited(0));
    }

    private static async Task<(RunOrder Order, bool IsAlice)> NextAsync(ScriptedAgent alice, ScriptedAgent bob)
    {
        while (true)
        {
            foreach (ScriptedAgent agent in (ScriptedAgent[])[alice, bob])
            {
                if (agent.Received.OfType<ServerMessage.Run>().Any())
                {
                    return (await agent.NextRunAsync(), agent == alice);
                }
            }

            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        }
    }

    private static async Task<string?> SituationAsync(Supervisor server, Caller caller, JobInfo job)
    {
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        return (await server.FindAsync(caller, job.Id)).Situation;
    }
}
