using System.Collections.Concurrent;
using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Drover.Server.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Tests.Supervision;

/// <summary>The real supervision and the real database, in virtual time, without a network.</summary>
internal sealed class Servers : IDisposable
{
    internal const string User = "alice";

    private readonly TemporaryFolder _folder = new();

    /// <summary>The data folder.</summary>
    internal string Folder => _folder.Path;

    internal static Caller Alice { get; } = new(User, IsAdmin: false);

    internal static Caller Bob { get; } = new("bob", IsAdmin: false);

    /// <summary>The store of the present life: its reads can be made to fail.</summary>
    internal FlakyReads Reads { get; private set; } = null!;

    internal ServerOptions Options { get; set; } = new() { Sites = [new SiteOptions { Name = "local", Cpus = 2 }] };

    /// <summary>Where the store logs.</summary>
    internal ILogger Log { get; init; } = NullLogger.Instance;

    /// <summary>Draws the order in which coroutines run; null: first come first served.</summary>
    internal ulong? Seed { get; set; }

    /// <summary>One life of a server: from the start, with what is on disk, to its death. Fails with what the loop reports.</summary>
    internal void Run(Func<Supervisor, Task> body)
    {
        var failures = new ConcurrentQueue<Exception>();
        EventLoop.Run(
            async () =>
            {
                TimeProvider time = EventLoop.Current.Time;
                Reads = new FlakyReads(await Blocking.RunAsync(() => Store.Open(_folder.Path, time, Log)));
                await using var store = new Store(Reads, time);
                foreach (string user in (string[])[User, "bob"])
                {
                    if (await store.UserAsync(user) is null)
                    {
                        await store.CommitAsync(new Change.UserAdded(new UserRow { Name = user, CreatedAt = EventLoop.Current.Time.GetUtcNow() }));
                    }
                }

                await TaskGroup.SuperviseAsync(
                    async group =>
                    {
                        var supervisor = new Supervisor(store, await store.AgentsAsync(), Options, group, NullLoggerFactory.Instance);
                        using IDisposable watched = ServerMetrics.Watch(supervisor.Present);
                        await supervisor.ResumeAsync(await Blocking.RunAsync(store.LoadUnfinished));
                        await body(supervisor);
                        group.Cancel("the test is over");
                    },
                    (_, error) => failures.Enqueue(error),
                    "jobs");
            },
            new EventLoopOptions { Name = "test", Seed = Seed, VirtualTimeFrom = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), BlockedAfter = Timeout.InfiniteTimeSpan });
        Assert.Empty(failures);
    }

    /// <summary>What the database says, after the server's life.</summary>
    internal T Read<T>(Func<Store, Task<T>> query) => EventLoop.Run(async () =>
    {
        await using Store store = Store.Open(_folder.Path, TimeProvider.System, NullLogger.Instance);
        return await query(store);
    });

    internal static JobSpec Spec(int cpus = 1, int priority = 0, string? runDirectory = null) => new()
    {
        Command = ["/bin/true"],
        Cpus = cpus,
        Priority = priority,
        RunDirectory = runDirectory,
    };

    internal static AttemptId First(JobInfo job) => new(job.Id, 1);

    internal static Task<JobInfo> EndAsync(Supervisor server, JobInfo job) =>
        server.WaitAsync(Alice, job.Id, TimeSpan.FromDays(1000), static j => j.State == JobState.Ended);

    internal static Task<JobInfo> StateAsync(Supervisor server, JobInfo job, JobState state) =>
        server.WaitAsync(Alice, job.Id, TimeSpan.FromDays(1000), j => j.State == state);

    public void Dispose() => _folder.Dispose();
}
