using System.Globalization;
using System.Text;
using Drover.Agent.Drivers;
using Drover.Agent.Ops;
using Drover.Protocol.Files;

namespace Drover.Simulation.Tests.Hosts;

/// <summary>The driver of a host, for one user's agent. What it begins goes on when the agent dies, as with a keeper.</summary>
internal sealed class SimDriver(World world, Host host, string user, Func<bool> isDead) : IDriver
{
    public string Kind => "process";

    public SiteResources Resources => new(World.CpusOfASite, 1L << 34, ["time", "memory"]);

    public async Task<IReadOnlyList<AttemptRecord>> RecoverAsync()
    {
        await PauseAsync(0.001, 0.2);
        return [.. host.RecordsOf(user).Select(p => p.Record).OrderBy(r => r.Attempt.Job.Value).ThenBy(r => r.Attempt.Number)];
    }

    public async Task<AttemptRecord> StartAsync(RunOrder order)
    {
        await PauseAsync(0.0001, 0.01);
        if (world.Happens(host.Failing))
        {
            throw new DriverException("The simulated keeper does not answer.");
        }

        if (host.Find(order.Attempt) is not { } process)
        {
            process = new SimProcess(world, host, user, order.Attempt, order);
            host.Add(process);
            world.Group.Start(() => StartLaterAsync(process), $"start of {order.Attempt}");
        }

        await process.Begun.WaitAsync("its start");
        return process.Record;
    }

    public async Task<AttemptRecord> StartedAsync(AttemptId attempt)
    {
        SimProcess process = Find(attempt);
        await process.Begun.WaitAsync("its start");
        return process.Record;
    }

    public async Task<AttemptEnd> WaitAsync(AttemptId attempt)
    {
        SimProcess process = Find(attempt);
        await process.Ended.WaitAsync($"the end of {attempt}");
        return process.Record.End!;
    }

    public async Task StopAsync(AttemptId attempt, StopOrder order)
    {
        await PauseAsync(0.0001, 0.01);
        if (host.Find(attempt) is not { } process)
        {
            process = new SimProcess(world, host, user, attempt, null);
            host.Add(process);
        }

        process.Stop(order);
    }

    public async Task ForgetAsync(IReadOnlyList<AttemptId> attempts)
    {
        await PauseAsync(0.0001, 0.01);
        foreach (AttemptId attempt in attempts)
        {
            if (host.Find(attempt) is { Record.End: null })
            {
                world.Broken($"the agent forgets {attempt}, which has not ended");
            }

            host.Forget(attempt);
        }
    }

    public async Task<IReadOnlyList<string>> RemoveAsync(IReadOnlyList<string> runDirectories)
    {
        await PauseAsync(0.0001, 0.01);
        foreach (string name in runDirectories)
        {
            host.Remove(user, name);
        }

        return runDirectories;
    }

    public Task<Progress?> ReadProgressAsync(AttemptId attempt, string runDirectory) =>
        Task.FromResult<Progress?>(world.Happens(0.1) ? new Progress { Fraction = world.Random.NextDouble() } : null);

    public async Task<Stream> OpenLogAsync(AttemptId attempt, string runDirectory, OutputKind kind)
    {
        await PauseAsync(0.0001, 0.01);
        return host.OutputOf(attempt) is { } output ? new GrowingLog(output) : throw new DriverException("There is no log.", isNotFound: true);
    }

    public Task LayOutAsync(string runDirectory, string manifest, Stream archive) => throw new NotSupportedException("No job has inputs here.");

    public Task<ArchiveCopy> OpenArchiveAsync(string runDirectory, string path, IReadOnlyList<string>? patterns) =>
        Task.FromResult(new ArchiveCopy([], _ => throw new NotSupportedException()));

    public Task<FileList> ListFilesAsync(string runDirectory, string path) =>
        Task.FromResult(new FileList { Directory = $"/runs/{runDirectory}", Entries = [] });

    public async Task<Stream> OpenFileAsync(string runDirectory, string path)
    {
        await PauseAsync(0.0001, 0.01);
        return host.Open(user, runDirectory, path);
    }

    /// <summary>Takes so many seconds, says where it is, and exits with a code.</summary>
    public async Task<Ending> ExecAsync(ServerMessage.Exec order, Func<OutputKind, ReadOnlyMemory<byte>, Task> write)
    {
        double seconds = double.Parse(order.Spec.Command[1], CultureInfo.InvariantCulture);
        if (!host.HasDirectory(user, order.RunDirectory))
        {
            throw new DriverException("There is no run directory.", isNotFound: true);
        }

        await write(OutputKind.Output, Encoding.UTF8.GetBytes($"{order.Attempt} in {order.RunDirectory} "));
        await host.UseAsync(user, order.RunDirectory, () => PauseAsync(seconds, seconds));
        await write(OutputKind.Error, Encoding.UTF8.GetBytes($"of {user}"));
        return new Ending.Exited(int.Parse(order.Spec.Command[2], CultureInfo.InvariantCulture));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private SimProcess Find(AttemptId attempt) => host.Find(attempt) ?? throw new DriverException($"There is no record of {attempt}.");

    /// <summary>The keeper starts it, whatever becomes of the agent meanwhile.</summary>
    private async Task StartLaterAsync(SimProcess process)
    {
        await Coroutine.SleepAsync(world.Habits.SlownessOfStarts * world.Between(0.0001, 0.02), "the machine");
        process.Start();
    }

    /// <summary>What a dead agent had begun, it does not do.</summary>
    private async Task PauseAsync(double least, double most)
    {
        await Coroutine.SleepAsync(world.Between(least, most), "the machine");
        if (isDead())
        {
            throw new CrashException();
        }
    }
}
