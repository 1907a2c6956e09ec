using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.Data.Sqlite;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

/// <summary>What happens while the server cannot write down what it knows.</summary>
public sealed class BusyDiskTests : IDisposable
{
    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void An_agent_that_connects_anew_while_a_job_is_about_to_be_sent_gets_the_job()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo first = await server.SubmitAsync(Alice, Spec(cpus: 2));
            JobInfo second = await server.SubmitAsync(Alice, Spec(cpus: 2));
            await agent.NextRunAsync();
            agent.Started(First(first));
            await StateAsync(server, first, JobState.Running);
            using (LockDatabase())
            {
                agent.Ended(First(first), new Ending.Exited(0));
                await TroubleAsync(server, second);
            }

            agent.Disconnect();
            await agent.ConnectAsync([First(first)]);
            Assert.Equal(First(second), (await agent.NextRunAsync()).Attempt);
        });
    }

    [Fact]
    public void A_pin_that_comes_while_a_retry_is_being_recorded_is_kept()
    {
        JobInfo job = null!;
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            job = await server.SubmitAsync(Alice, Spec() with { Retry = new RetryPolicy(1, 1) });
            await agent.NextRunAsync();
            agent.Started(First(job));
            await StateAsync(server, job, JobState.Running);
            Task<JobInfo> pin;
            using (LockDatabase())
            {
                agent.Ended(First(job), new Ending.Exited(75));
                await Coroutine.YieldAsync();
                pin = server.ChangeAsync(Alice, job.Id, new JobChanges { Pin = true });
                await TroubleAsync(server, job);
            }

            bool wasPinned = await IsPinnedAsync(pin);
            RunOrder again = await agent.NextRunAsync();
            Assert.Equal((2, wasPinned), (again.Attempt.Number, again.Spec.Pin));
            Assert.Equal(wasPinned, (await server.FindAsync(Alice, job.Id)).Spec.Pin);
            await server.ChangeAsync(Alice, job.Id, new JobChanges { Pin = true });
            agent.Started(again.Attempt);
            agent.Ended(again.Attempt, new Ending.Exited(0));
            Assert.True((await EndAsync(server, job)).Spec.Pin);
        });
        _servers.Run(async server => Assert.True((await server.FindAsync(Alice, job.Id)).Spec.Pin));
    }

    [Fact]
    public void An_agent_that_is_back_while_its_job_is_being_given_up_is_told_to_stop_it()
    {
        _servers.Options = new ServerOptions { Agents = new AgentOptions { LostAfter = TimeSpan.FromSeconds(3) } };
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            agent.Started((await agent.NextRunAsync()).Attempt);
            await StateAsync(server, job, JobState.Running);
            agent.Disconnect();
            await StateAsync(server, job, JobState.Unknown);
            using (LockDatabase())
            {
                await TroubleAsync(server, job);
            }

            await agent.ConnectAsync([First(job)]); // The end is not on disk yet.
            Assert.Equal(First(job), (await agent.NextAsync<ServerMessage.Stop>()).Attempt);
            Assert.IsType<Ending.Lost>((await EndAsync(server, job)).End!.Ending);
        });
    }

    [Fact]
    public void However_often_a_job_is_canceled_meanwhile_its_end_is_not_missed()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            JobInfo job = await server.SubmitAsync(Alice, Spec());
            await agent.NextRunAsync();
            using (LockDatabase())
            {
                agent.Started(First(job));
                await TroubleAsync(server, job);
            }

            for (int i = 0; i < 100; i++)
            {
                await server.CancelAsync(Alice, job.Id, new CancelRequest());
            }

            long ended = agent.Ended(First(job), new Ending.Canceled(User));
            await EndAsync(server, job);
            await agent.NothingMoreAsync();
            Assert.Contains(ended, agent.Acknowledged);
        });
    }

    [Fact]
    public void A_job_that_has_become_larger_than_its_site_keeps_nobody_waiting()
    {
        _servers.Options = new ServerOptions { Sites = [new SiteOptions { Name = "far" }] };
        _servers.Run(async server =>
        {
            JobInfo large = await server.SubmitAsync(Alice, Spec(cpus: 100) with { Site = "far" });
            JobInfo small = await server.SubmitAsync(Alice, Spec() with { Site = "far" });
            var agent = new ScriptedAgent(server, User, "far");
            await agent.ConnectAsync();
            Assert.Equal(First(small), (await agent.NextRunAsync()).Attempt);
            Assert.Equal(
                "needs 100 CPUs, but site 'far' has 2 now: cancel it, or give the site more",
                (await server.FindAsync(Alice, large.Id)).Situation);
        });
    }

    /// <summary>It is, or the disk was locked for too long and the request was refused.</summary>
    private static async Task<bool> IsPinnedAsync(Task<JobInfo> pin)
    {
        try
        {
            return (await pin).Spec.Pin;
        }
        catch (StorageException)
        {
            return false;
        }
    }

    private static async Task TroubleAsync(Supervisor server, JobInfo job)
    {
        while ((await server.FindAsync(Alice, job.Id)).Situation?.Contains("cannot record", StringComparison.Ordinal) != true)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        }
    }

    private SqliteConnection LockDatabase()
    {
        var connection = new SqliteConnection($"Data Source={_servers.Folder}/drover.db;Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "BEGIN IMMEDIATE";
        command.ExecuteNonQuery();
        return connection;
    }
}
