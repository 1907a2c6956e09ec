using Drover.Server.Configuration;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Simulation.Tests.Servers;

/// <summary>The server: one process after the other over one database.</summary>
internal sealed class SimServer
{
    private static readonly string[] s_users = ["alice", "bob"];
    private readonly World _world;
    private CancelScope? _life;
    private SimStore? _store;
    private TaskGroup? _group;
    private int _lives;

    internal SimServer(World world)
    {
        _world = world;
        Disk = new Disk(world);
        Options = new ServerOptions
        {
            Sites = [new SiteOptions { Name = "one", Cpus = World.CpusOfASite }, new SiteOptions { Name = "two", Cpus = World.CpusOfASite }],
            Jobs = new JobOptions
            {
                KeepFiles = world.KeepFiles,
                MostInLine = world.Pick([1, 3, 1000]),
                MostInLineOfArray = world.Pick([1, 100]),
                MostStarting = world.Habits.MostStarting,
            },
            Agents = new Drover.Server.Configuration.AgentOptions { LostAfter = world.GivesUpEarly ? TimeSpan.FromSeconds(30) : TimeSpan.FromDays(30) },
        };
    }

    internal Disk Disk { get; }

    internal ServerOptions Options { get; }

    /// <summary>The supervision of the process that runs now; null while none does.</summary>
    internal Supervisor? Supervisor { get; private set; }

    /// <summary>Tells the lives apart.</summary>
    internal int Life => _lives;

    /// <summary>Bugs of the supervision: coroutines that failed.</summary>
    internal List<string> Bugs { get; } = [];

    /// <summary>Starts the process. It serves once <see cref="Supervisor"/> is there.</summary>
    internal void Start()
    {
        int life = ++_lives;
        _world.Note($"server {life} starts");
        _world.Group.Start(() => LiveAsync(life), $"server {life}");
    }

    /// <summary>kill -9.</summary>
    internal void Crash()
    {
        if (_life is null)
        {
            return;
        }

        _world.Note($"server {_lives} is killed");
        Supervisor = null;
        _store!.Die();
        _life.Cancel("killed");
        (_life, _store, _group) = (null, null, null);
        _world.Network.ServerDied();
    }

    /// <summary>kill -9, and started again later.</summary>
    /// <param name="away">When; by default after a while that is drawn.</param>
    internal void CrashAndReturn(TimeSpan? away = null)
    {
        if (Supervisor is null)
        {
            return;
        }

        Crash();
        _world.Trouble(begins: true);
        _world.Group.Start(
            async () =>
            {
                await Coroutine.SleepAsync(away ?? _world.Between(0.001, 120), "its next start");
                Start();
                _world.Trouble(begins: false);
            },
            "later");
    }

    /// <summary>A request of a user, as the web server brings it in: it dies with the server.</summary>
    /// <exception cref="CrashException">The server is away, or died over it: it may have been done.</exception>
    internal async Task<T> RequestAsync<T>(Func<Supervisor, Task<T>> request, string name)
    {
        if (Supervisor is not { } supervisor || _group is not { } group)
        {
            throw new CrashException();
        }

        Outcome<T> outcome = default;
        bool hasOutcome = false;
        var over = new Event("answer");
        int life = _lives;
        group.Start(
            async () =>
            {
                try
                {
                    outcome = new Outcome<T>(await request(supervisor));
                    hasOutcome = true;
                }
                catch (Exception e) when (e is not ScopeCanceledException and not CrashException)
                {
                    outcome = Outcome<T>.Failed(e);
                    hasOutcome = true;
                }
                finally
                {
                    over.Set();
                }
            },
            name);
        await over.WaitAsync($"the server's answer to '{name}'");
        return hasOutcome && life == _lives && Supervisor is not null ? outcome.Value : throw new CrashException();
    }

    /// <summary>Starts a coroutine of the server's process; null when there is none.</summary>
    internal Coroutine? StartInside(Func<Supervisor, Task> body, string name) =>
        Supervisor is { } supervisor && _group is { } group ? group.Start(() => body(supervisor), name) : null;

    private async Task LiveAsync(int life)
    {
        await CancelScope.RunAsync(
            async scope =>
            {
                _life = scope;
                var engine = new SimStore(_world);
                _store = engine;
                await TaskGroup.SuperviseAsync(
                    async group =>
                    {
                        group.Start(engine.WriteAsync, "store writer");
                        await ServeAsync(group, new Store(engine, EventLoop.Current.Time), life);
                    },
                    (coroutine, error) => Failed(life, coroutine, error),
                    $"server {life}");
            },
            name: $"server {life}");
    }

    private async Task ServeAsync(TaskGroup group, Store store, int life)
    {
        foreach (string user in s_users)
        {
            while (await store.UserAsync(user) is null)
            {
                try
                {
                    await store.CommitAsync(new Change.UserAdded(new UserRow { Name = user, CreatedAt = World.ServerNow }));
                }
                catch (StorageException)
                {
                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(1), "the disk");
                }
            }
        }

        var supervisor = new Supervisor(store, await store.AgentsAsync(), Options, group, NullLoggerFactory.Instance);
        while (true)
        {
            try
            {
                await supervisor.ResumeAsync(store.LoadUnfinished());
                break;
            }
            catch (StorageException)
            {
                // In production the process ends with the error, and is started again.
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(1), "the disk");
                supervisor = new Supervisor(store, await store.AgentsAsync(), Options, group, NullLoggerFactory.Instance);
            }
        }

        _group = group;
        Supervisor = supervisor;
        _world.Note($"server {life} serves");
        await new Event("end of the server").WaitAsync("the end of the server");
    }

    private void Failed(int life, Coroutine coroutine, Exception error)
    {
        if (life == _lives && Supervisor is not null && error is not CrashException)
        {
            Bugs.Add($"'{coroutine.Name}' failed: {error}");
        }
    }
}
