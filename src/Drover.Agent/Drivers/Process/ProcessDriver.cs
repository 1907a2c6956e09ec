using Drover.Agent.Inputs;
using Drover.Agent.Keeper;
using Drover.Agent.Ops;
using Drover.Protocol.Files;

namespace Drover.Agent.Drivers.Process;

/// <summary>
/// Runs attempts as processes of this machine. The keeper is their parent, so they go on when the agent ends, and the
/// next agent knows what became of them.
/// </summary>
internal sealed class ProcessDriver : IDriver
{
    /// <summary>Threads for looks at progress: one that hangs with its file system is given up, but keeps its thread.</summary>
    private static readonly BlockingPool s_looks = new(8, "progress");

    private readonly KeeperFolder _folder;
    private readonly KeeperClient _keeper;

    /// <param name="folder">The agent's folder.</param>
    /// <param name="keeperCommand">The program that is a keeper, and its first arguments; <c>--folder DIR</c> is added.</param>
    /// <param name="log">Takes what is to be said to people; by default nothing is.</param>
    internal ProcessDriver(string folder, IReadOnlyList<string> keeperCommand, Action<string>? log = null)
    {
        _folder = new KeeperFolder(folder);
        _keeper = new KeeperClient(new KeeperStarter(_folder, keeperCommand), log ?? (static _ => { }));
    }

    /// <inheritdoc/>
    public string Kind => "process";

    /// <inheritdoc/>
    public SiteResources Resources { get; } = Machine.Resources();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<AttemptRecord>> RecoverAsync()
    {
        await _keeper.OpenAsync();
        return [.. _keeper.Records];
    }

    /// <inheritdoc/>
    public Task<AttemptRecord> StartAsync(RunOrder order) => _keeper.StartAsync(order);

    /// <inheritdoc/>
    public Task<AttemptRecord> StartedAsync(AttemptId attempt) => _keeper.StartedAsync(attempt);

    /// <inheritdoc/>
    public async Task LayOutAsync(string runDirectory, string manifest, Stream archive)
    {
        string path = Run(runDirectory).FullPath;
        await Blocking.RunAsync(token => new InputLayout(path, manifest, token).Run(archive), situation: $"lay out inputs in {runDirectory}");
    }

    /// <inheritdoc/>
    public Task<AttemptEnd> WaitAsync(AttemptId attempt) => _keeper.WaitAsync(attempt);

    /// <inheritdoc/>
    public Task StopAsync(AttemptId attempt, StopOrder order) => _keeper.StopAsync(attempt, order);

    /// <inheritdoc/>
    public Task ForgetAsync(IReadOnlyList<AttemptId> attempts)
    {
        _keeper.Forget(attempts);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RemoveAsync(IReadOnlyList<string> runDirectories) => RunRemoval.RunAsync(_folder, runDirectories);

    /// <inheritdoc/>
    public string? TroubleOf(AttemptId attempt) => _keeper.TroubleOf(attempt);

    /// <inheritdoc/>
    public async Task<Progress?> ReadProgressAsync(AttemptId attempt, string runDirectory)
    {
        string path = AttemptFiles.Progress(Run(runDirectory).FullPath, attempt);
        return await Blocking.RunAsync(() => ProgressFile.Read(path), WhenCanceled.Abandon, s_looks, $"read the progress of {attempt}");
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(AttemptId attempt, string runDirectory, OutputKind kind)
    {
        RunFiles run = Run(runDirectory);
        string path = AttemptFiles.Log(run.FullPath, attempt, kind);
        return await Blocking.RunAsync(() => run.OpenLog(path), situation: $"open the log of {attempt}");
    }

    /// <inheritdoc/>
    public async Task<FileList> ListFilesAsync(string runDirectory, string path)
    {
        RunFiles run = Run(runDirectory);
        return await Blocking.RunAsync(() => run.List(path), situation: $"list the files of {runDirectory}");
    }

    /// <inheritdoc/>
    public async Task<ArchiveCopy> OpenArchiveAsync(string runDirectory, string path, IReadOnlyList<string>? patterns)
    {
        RunFiles run = Run(runDirectory);
        return await Blocking.RunAsync(() => new ArchiveCopy(run.Select(path, patterns), run.Open), situation: $"look for files of {runDirectory}");
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenFileAsync(string runDirectory, string path)
    {
        RunFiles run = Run(runDirectory);
        return await Blocking.RunAsync(() => run.Open(path), situation: $"open a file of {runDirectory}");
    }

    /// <inheritdoc/>
    public async Task<Ending> ExecAsync(ServerMessage.Exec order, Func<OutputKind, ReadOnlyMemory<byte>, Task> write) =>
        await ProcessExec.RunAsync(order, Run(order.RunDirectory).FullPath, write);

    /// <summary>Leaves the keeper; the attempts go on.</summary>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    private RunFiles Run(string name) => AttemptFiles.IsName(name)
        ? new RunFiles(_folder.Run(name))
        : throw new DriverException($"'{name}' is not the name of a run directory.", isNotFound: true);
}
