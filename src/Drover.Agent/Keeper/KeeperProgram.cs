using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Drover.Agent.Keeper.Records;
using Microsoft.Win32.SafeHandles;

namespace Drover.Agent.Keeper;

/// <summary>
/// The keeper: the small process beside the agent that is the parent of the jobs, so that these, and how they end, do
/// not depend on the agent. Decision 0009.
/// </summary>
internal sealed class KeeperProgram
{
    /// <summary>How long it stays without attempts and without an agent.</summary>
    internal static readonly TimeSpan DefaultIdle = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_reapEvery = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_dyingTakes = TimeSpan.FromSeconds(1);
    private readonly KeeperFolder _folder;
    private readonly Journal _journal;
    private readonly TimeSpan _idle;
    private readonly Event _hasChanged = new("an agent has come or gone");

    private KeeperProgram(KeeperFolder folder, Journal journal, TimeSpan idle)
    {
        _folder = folder;
        _journal = journal;
        _idle = idle;
    }

    /// <summary>
    /// Keeps the jobs of an agent's folder until there is nothing to keep and no agent for a while. Blocks the thread.
    /// What it has to say goes to the standard error stream. When another keeper has the folder, it ends at once.
    /// </summary>
    /// <param name="folder">The agent's folder.</param>
    /// <param name="idle">How long it stays when nobody needs it; by default <see cref="DefaultIdle"/>.</param>
    /// <returns>The exit code: 0, or 1 when it could not begin.</returns>
    internal static int Run(string folder, TimeSpan? idle = null)
    {
        var files = new KeeperFolder(folder);
        try
        {
            files.Create();
            using SafeFileHandle? place = EventLoop.Run(() => TakePlaceAsync(files));
            if (place is null)
            {
                return 0;
            }

            _ = Libc.prctl(Libc.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
            using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StayOn);
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StayOn);
            using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, StayOn);
            using Journal journal = Journal.Open(files.Journal);
            EventLoop.Run(
                () => new KeeperProgram(files, journal, idle ?? DefaultIdle).RunAsync(),
                new EventLoopOptions { Name = "keeper", OnReport = static report => Log(report.ToString()) });
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException)
        {
            Log($"The keeper cannot begin: {e.Message}");
            return 1;
        }
    }

    /// <summary>A line for people, on the standard error stream, which is keeper.log.</summary>
    internal static void Log(string text)
    {
        try
        {
            Console.Error.WriteLine(FormattableString.Invariant($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {text}"));
        }
        catch (IOException)
        {
            // The log is on the disk that the journal is on. That it is full is no reason to lose the jobs.
        }
    }

    /// <summary>Who ends the keeper would end the knowledge of how the jobs end. It goes by itself when it has none.</summary>
    private static void StayOn(PosixSignalContext signal)
    {
        signal.Cancel = true;
        Log($"{signal.Signal} is ignored: the keeper ends by itself when no job runs and no agent is connected.");
    }

    /// <summary>Null when another keeper has the place. One that was just killed may still have it for a moment.</summary>
    private static async Task<SafeFileHandle?> TakePlaceAsync(KeeperFolder folder)
    {
        Outcome<SafeFileHandle> place = await CancelScope.MoveOnAfterAsync(s_dyingTakes, async () =>
        {
            while (true)
            {
                if (folder.TryLock() is { } place)
                {
                    return place;
                }

                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5), "the place of a keeper that ends");
            }
        });
        return place.GetValueOr(null);
    }

    private async Task RunAsync()
    {
        // Its jobs must not depend on a mistake in here: what nobody expects ends the keeper the hard way, without
        // leaving the scopes of the processes, and another one takes the jobs over.
        try
        {
            await TaskGroup.SuperviseAsync(
                async group =>
                {
                    using Socket listening = _folder.Listen();
                    using var listener = new LoopSocket(listening);
                    var keeper = new JobKeeper(_folder, _journal, group, Log);
                    new Recovery(keeper, _journal).Begin();
                    group.Start(keeper.Recorder.RunAsync, "recorder");
                    group.Start(() => AcceptAllAsync(listener, keeper, group), "accept agents");
                    group.Start(() => ReapAllAsync(keeper), "reap orphans");
                    Log($"keeper {Environment.ProcessId}, version {DroverVersion.Text}: keeps {keeper.Running} running attempts in '{_folder.FullPath}'");
                    await UntilIdleAsync(keeper);
                    group.Cancel("nobody needs the keeper");
                },
                (child, error) => Environment.FailFast($"The keeper's {child} failed: {error}"),
                "keeper");
        }
        catch (Exception e) when (e is not (IOException or SocketException or UnauthorizedAccessException))
        {
            Environment.FailFast($"The keeper failed: {e}");
        }
    }

    private async Task AcceptAllAsync(LoopSocket listener, JobKeeper keeper, TaskGroup group)
    {
        while (true)
        {
            LoopSocket socket = await listener.AcceptAsync();
            var agent = new LineConnection(socket);
            keeper.Welcome(agent);
            _hasChanged.Set();
            group.Start(
                async () =>
                {
                    await agent.RunAsync(line => Obey(keeper, line));
                    _hasChanged.Set();
                },
                "agent");
        }
    }

    private static void Obey(JobKeeper keeper, ReadOnlySpan<byte> line)
    {
        try
        {
            keeper.Obey(JsonSerializer.Deserialize(line, KeeperJson.Default.KeeperCommand)!);
        }
        catch (JsonException e)
        {
            Log($"A command of the agent cannot be understood, and is skipped: {e.Message}");
        }
    }

    private static async Task ReapAllAsync(JobKeeper keeper)
    {
        while (true)
        {
            if (keeper.Running == 0)
            {
                await Coroutine.SleepAsync(s_reapEvery, "attempts");
                continue;
            }

            await Coroutine.SleepAsync(s_reapEvery, "orphans that end");
            await Blocking.RunAsync(keeper.Processes.ReapOrphans);
        }
    }

    private async Task UntilIdleAsync(JobKeeper keeper)
    {
        while (true)
        {
            await keeper.IsQuiet.WaitAsync();
            _hasChanged.Reset();
            if (keeper.HasAgent)
            {
                await _hasChanged.WaitAsync();
                continue;
            }

            Outcome somebodyCame = await CancelScope.MoveOnAfterAsync(_idle, () => _hasChanged.WaitAsync().AsTask());
            if (somebodyCame.IsCanceled && keeper is { Running: 0, HasAgent: false, Recorder.IsDone: true })
            {
                return;
            }
        }
    }
}
