using Drover.Server.Configuration;
using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class RetentionTests : IDisposable
{
    private static readonly TimeSpan s_keep = TimeSpan.FromDays(7);

    private readonly Servers _servers = new();

    public RetentionTests() =>
        _servers.Options = _servers.Options with { Jobs = new JobOptions { KeepFiles = s_keep } };

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void Files_go_when_their_time_is_over_and_the_record_says_so()
    {
        JobId id = default;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo job = await EndedAsync(server, agent);
            id = job.Id;
            DateTimeOffset ended = EventLoop.Current.Time.GetUtcNow();
            await Coroutine.SleepAsync(s_keep - TimeSpan.FromMinutes(2));
            Assert.Empty(agent.TakeAll());
            ServerMessage.Purge purge = await AskedAsync(agent);
            Assert.InRange(EventLoop.Current.Time.GetUtcNow() - ended, s_keep, s_keep + TimeSpan.FromMinutes(2));
            Assert.Equal([id.ToString()], purge.RunDirectories);
            Assert.Equal(JobState.Ended, (await server.FindAsync(Alice, id)).State); // Not before the agent has said so.
            JobInfo purged = await PurgedAsync(server, agent, job);
            Assert.NotNull(purged.PurgedAt);
            Assert.Equal(new Ending.Exited(0), purged.End!.Ending);
            var refused = await Assert.ThrowsAsync<RequestRefusedException>(
                () => new JobFiles(server).BeginAsync(Alice, id, (op, _) => new ServerMessage.ListFiles(op, "1", "")));
            Assert.Equal("purged", refused.Code);
            Assert.Contains("this server keeps files for 7d after the end", refused.Message);
        });
        JobEvent last = _servers.Read(store => store.EventsAsync(id))[^1];
        Assert.Equal((JobEventKind.Purged, JobState.Purged), (last.Kind, last.State));
        Assert.Contains($"removed run directory {id}", last.Evidence);
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(30)]
    public void The_servers_clock_says_when_their_time_is_over_however_wrong_the_agents_is(int daysOff) => _servers.Run(async server =>
    {
        var agent = new ScriptedAgent(server, User) { Clock = TimeSpan.FromDays(daysOff) };
        DateTimeOffset began = EventLoop.Current.Time.GetUtcNow();
        await EndedAsync(server, agent);
        await AskedAsync(agent);
        Assert.InRange(EventLoop.Current.Time.GetUtcNow() - began, s_keep, s_keep + TimeSpan.FromMinutes(2));
    });

    [Fact]
    public void Pinned_files_stay_until_they_are_unpinned()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo job = await EndedAsync(server, agent, Spec() with { Pin = true });
            JobInfo later = await EndedAsync(server, agent);
            await server.ChangeAsync(Alice, later.Id, new JobChanges { Pin = true });
            await Coroutine.SleepAsync(2 * s_keep);
            Assert.Empty(agent.TakeAll());
            await server.ChangeAsync(Alice, job.Id, new JobChanges { Pin = false });
            Assert.Equal([job.Id.ToString()], (await AskedAsync(agent)).RunDirectories);
        });
    }

    [Fact]
    public void Files_whose_removal_has_begun_cannot_be_pinned_any_more_not_even_after_a_restart()
    {
        JobInfo job = null!;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            job = await EndedAsync(server, agent);
            await AskedAsync(agent);
            var refused = await Assert.ThrowsAsync<RequestRefusedException>(() => server.ChangeAsync(Alice, job.Id, new JobChanges { Pin = true }));
            Assert.Equal("conflict", refused.Code);
        });
        _servers.Run(async server =>
        {
            await Assert.ThrowsAsync<RequestRefusedException>(() => server.ChangeAsync(Alice, job.Id, new JobChanges { Pin = true }));
            await Coroutine.SleepAsync(s_keep);
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            Assert.Equal([job.Id.ToString()], (await AskedAsync(agent)).RunDirectories); // Nobody has said that they are gone.
            await PurgedAsync(server, agent, job);
            await Assert.ThrowsAsync<RequestRefusedException>(() => server.ChangeAsync(Alice, job.Id, new JobChanges { Pin = true }));
        });
    }

    [Fact]
    public void A_pin_that_meets_the_removal_wins_or_is_refused()
    {
        TimeSpan keep = TimeSpan.FromHours(1); // Each minute less is a look at the store less.
        for (int turns = 0; turns < 25; turns++)
        {
            using var servers = new Servers { Options = _servers.Options with { Jobs = new JobOptions { KeepFiles = keep } } };
            servers.Run(async server =>
            {
                var agent = new ScriptedAgent(server, User);
                JobInfo job = await EndedAsync(server, agent);
                agent.Disconnect();
                await Coroutine.SleepAsync(keep + TimeSpan.FromMinutes(5));
                await agent.ConnectAsync(); // Now it is asked.
                for (int turn = 0; turn < turns; turn++)
                {
                    await Coroutine.YieldAsync();
                }

                bool isPinned;
                try
                {
                    isPinned = (await server.ChangeAsync(Alice, job.Id, new JobChanges { Pin = true })).Spec.Pin;
                }
                catch (RequestRefusedException e) when (e.Code == "conflict")
                {
                    isPinned = false;
                }

                await Coroutine.SleepAsync(TimeSpan.FromHours(3));
                Assert.Equal(!isPinned, agent.TakeAll().Any(message => message is ServerMessage.Purge));
            });
        }
    }

    [Fact]
    public void Files_of_an_agent_that_is_away_wait_for_it_and_keep_no_others_waiting()
    {
        _servers.Run(async server =>
        {
            server.Agents.AddSite("far");
            var far = new ScriptedAgent(server, User, "far", "folder-2");
            var near = new ScriptedAgent(server, User);
            JobInfo remote = await EndedAsync(server, far, Spec() with { Site = "far" });
            JobInfo local = await EndedAsync(server, near);
            far.Disconnect();
            Assert.Equal([local.Id.ToString()], (await AskedAsync(near)).RunDirectories);
            await PurgedAsync(server, near, local);
            await Coroutine.SleepAsync(TimeSpan.FromMinutes(20));
            await far.ConnectAsync();
            DateTimeOffset connected = EventLoop.Current.Time.GetUtcNow();
            Assert.Equal([remote.Id.ToString()], (await far.NextAsync<ServerMessage.Purge>()).RunDirectories);
            Assert.True(EventLoop.Current.Time.GetUtcNow() - connected < TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public void An_agent_with_another_folder_is_not_asked()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await EndedAsync(server, agent);
            agent.Disconnect();
            var other = new ScriptedAgent(server, User, folder: "folder-2");
            await other.ConnectAsync();
            await Coroutine.SleepAsync(2 * s_keep);
            Assert.Empty(other.TakeAll());
        });
    }

    [Fact]
    public void What_the_agent_does_not_say_to_be_gone_is_asked_for_again()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo job = await EndedAsync(server, agent);
            await AskedAsync(agent);
            Assert.Equal([job.Id.ToString()], (await AskedAsync(agent)).RunDirectories);
            await PurgedAsync(server, agent, job);
        });
    }

    [Fact]
    public void Another_users_agent_cannot_say_that_files_are_gone()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo job = await EndedAsync(server, agent);
            var bob = new ScriptedAgent(server, "bob", "local", "folder-b");
            await bob.ConnectAsync();
            await AskedAsync(agent);
            bob.Say(new AgentMessage.Purged([job.Id.ToString()]));
            await agent.NothingMoreAsync();
            Assert.Equal(JobState.Ended, (await server.FindAsync(Alice, job.Id)).State);
        });
    }

    [Fact]
    public void Shared_run_directories_stay()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo shared = await EndedAsync(server, agent, Spec(runDirectory: "mine"));
            JobInfo own = await EndedAsync(server, agent);
            Assert.Equal([own.Id.ToString()], (await AskedAsync(agent)).RunDirectories);
            await PurgedAsync(server, agent, own);
            await Coroutine.SleepAsync(s_keep);
            Assert.Empty(agent.TakeAll());
            Assert.Equal(JobState.Ended, (await server.FindAsync(Alice, shared.Id)).State);
        });
    }

    [Fact]
    public void Jobs_that_were_never_sent_have_nothing_to_remove_unless_an_earlier_attempt_was()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            JobInfo held = await server.SubmitAsync(Alice, Spec() with { Hold = true });
            await server.CancelAsync(Alice, held.Id, new CancelRequest());
            await agent.ConnectAsync();
            JobInfo tried = await server.SubmitAsync(Alice, Spec() with { Retry = new RetryPolicy(1, 600) });
            await agent.NextRunAsync();
            agent.Started(First(tried));
            agent.Ended(First(tried), new Ending.Exited(1));
            await server.WaitAsync(Alice, tried.Id, TimeSpan.FromDays(1), job => job.Attempt == 2);
            await server.CancelAsync(Alice, tried.Id, new CancelRequest());
            Assert.Equal([tried.Id.ToString()], (await AskedAsync(agent)).RunDirectories);
            await PurgedAsync(server, agent, tried);
            Assert.Equal(JobState.Purged, (await server.FindAsync(Alice, held.Id)).State);
        });
    }

    [Fact]
    public void Many_are_removed_a_few_at_a_time()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            IReadOnlyList<JobInfo> jobs = (await server.SubmitAsync(Alice, [.. Enumerable.Repeat(Spec(), 250)], key: null)).Answer;
            foreach (JobInfo _ in jobs)
            {
                AttemptId attempt = (await agent.NextRunAsync()).Attempt;
                agent.Started(attempt);
                agent.Ended(attempt, new Ending.Exited(0));
            }

            var gone = new List<string>();
            while (gone.Count < jobs.Count)
            {
                ServerMessage.Purge purge = await AskedAsync(agent);
                Assert.InRange(purge.RunDirectories.Count, 1, 100);
                Assert.Empty(agent.TakeAll()); // Not before these are gone.
                gone.AddRange(purge.RunDirectories);
                agent.Say(new AgentMessage.Purged(purge.RunDirectories));
            }

            Assert.Equal(jobs.Select(job => job.Id.ToString()).Order(), gone.Order());
        });
    }

    [Fact]
    public void Without_the_option_everything_stays()
    {
        _servers.Options = _servers.Options with { Jobs = new JobOptions() };
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await EndedAsync(server, agent);
            await Coroutine.SleepAsync(TimeSpan.FromDays(3650));
            Assert.Empty(agent.TakeAll());
        });
    }

    private static async Task<ServerMessage.Purge> AskedAsync(ScriptedAgent agent)
    {
        while (!agent.Received.Any(message => message is ServerMessage.Purge))
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(5));
        }

        return await agent.NextAsync<ServerMessage.Purge>();
    }

    private static async Task<JobInfo> EndedAsync(Supervisor server, ScriptedAgent agent, JobSpec? spec = null)
    {
        if (server.Agents.AgentOf(User, spec?.Site ?? "local").Session is null)
        {
            await agent.ConnectAsync();
        }

        JobInfo job = await server.SubmitAsync(Alice, spec ?? Spec());
        agent.Started((await agent.NextRunAsync()).Attempt);
        agent.Ended(First(job), new Ending.Exited(0));
        return await EndAsync(server, job);
    }

    private static async Task<JobInfo> PurgedAsync(Supervisor server, ScriptedAgent agent, JobInfo job)
    {
        agent.Say(new AgentMessage.Purged([job.Id.ToString()]));
        JobInfo now;
        while ((now = await server.FindAsync(Alice, job.Id)).State != JobState.Purged)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
        }

        return now;
    }
}
