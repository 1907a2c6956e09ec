using System.Collections.Concurrent;
using Drover.Agent.Drivers;
using Drover.Agent.Ops;
using Drover.Protocol.Files;

namespace Drover.Agent.Tests.Fakes;

/// <summary>A site in memory: attempts run until the test ends them. Its records outlive agents, as a real one's do.</summary>
internal sealed class FakeDriver(string folder) : IDriver
{
    private readonly ConcurrentDictionary<AttemptId, FakeAttempt> _attempts = new();
    private int _lastProcess = 1000;

    public string Kind => "process";

    public SiteResources Resources => new(4, 1L << 30, ["time"]);

    /// <summary>What it was asked, in order: "start 1.1", "stop 1.1".</summary>
    internal ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Whether there is a record of an attempt.</summary>
    internal bool HasRecord(AttemptId id) => _attempts.ContainsKey(id);

    /// <summary>Holds back each start until it is set.</summary>
    internal TaskCompletionSource? StartGate { get; set; }

    /// <summary>Ends each attempt like this, before its start is told.</summary>
    internal Ending? EndsAtOnce { get; set; }

    /// <summary>Whether what is stopped goes on until the test ends it.</summary>
    internal bool StopsLate { get; set; }

    /// <summary>Fails the next calls, so many.</summary>
    internal int FailingStarts { get; set; }

    /// <summary>What keeps attempts from ending.</summary>
    internal string? Trouble { get; set; }

    public string? TroubleOf(AttemptId attempt) => Trouble;

    public Task<IReadOnlyList<AttemptRecord>> RecoverAsync() =>
        Task.FromResult<IReadOnlyList<AttemptRecord>>([.. _attempts.ToArray().OrderBy(a => a.Key.Job.Value).Select(a => a.Value.Record)]);

    public async Task<AttemptRecord> StartAsync(RunOrder order)
    {
        Calls.Enqueue($"start {order.Attempt}");
        if (FailingStarts > 0)
        {
            FailingStarts--;
            throw new DriverException("The keeper does not answer.");
        }

        if (StartGate is { } gate)
        {
            await gate.Task.WaitAsync(CancelScope.Current.Token);
        }

        FakeAttempt attempt = Put(order.Attempt, order.RunDirectory, Interlocked.Increment(ref _lastProcess));
        if (EndsAtOnce is { } ending)
        {
            attempt.End(ending);
        }

        return attempt.Record;
    }

    public Task<AttemptRecord> StartedAsync(AttemptId attempt) => Task.FromResult(_attempts[attempt].Record);

    public Task<AttemptEnd> WaitAsync(AttemptId attempt) => _attempts[attempt].Ended.Task.WaitAsync(CancelScope.Current.Token);

    public Task StopAsync(AttemptId attempt, StopOrder order)
    {
        Calls.Enqueue($"stop {attempt}");
        FakeAttempt stopped = Put(attempt, "", null);
        if (!StopsLate)
        {
            stopped.End(new Ending.Canceled(order.By, order.Why));
        }

        return Task.CompletedTask;
    }

    public Task ForgetAsync(IReadOnlyList<AttemptId> attempts)
    {
        foreach (AttemptId attempt in attempts)
        {
            Calls.Enqueue($"forget {attempt}");
            _attempts.TryRemove(attempt, out _);
        }

        return Task.CompletedTask;
    }

    /// <summary>Run directories that cannot be removed.</summary>
    internal HashSet<string> Stuck { get; } = [];

    /// <summary>Holds back the end of each removal until it is set.</summary>
    internal TaskCompletionSource? RemovalGate { get; set; }

    public async Task<IReadOnlyList<string>> RemoveAsync(IReadOnlyList<string> runDirectories)
    {
        Calls.Enqueue($"remove {string.Join(' ', runDirectories)}");
        if (RemovalGate is { } gate)
        {
            await gate.Task.WaitAsync(CancelScope.Current.Token);
        }

        return [.. runDirectories.Except(Stuck)];
    }

    /// <summary>Holds back each look at progress until it is set, as a file system that hangs does.</summary>
    internal TaskCompletionSource? ProgressGate { get; set; }

    public async Task<Progress?> ReadProgressAsync(AttemptId attempt, string runDirectory)
    {
        if (ProgressGate is { } gate)
        {
            await gate.Task.WaitAsync(CancelScope.Current.Token);
        }

        return _attempts[attempt].Progress;
    }

    /// <summary>What is opened instead of files.</summary>
    internal Func<Stream>? Opened { get; set; }

    public Task<Stream> OpenLogAsync(AttemptId attempt, string runDirectory, OutputKind kind) =>
        Opened is { } opened ? Task.FromResult(opened()) : OpenAsync(LogPath(attempt, kind));

    /// <summary>What becomes of inputs; by default they are read and dropped.</summary>
    internal Func<Stream, Task> LaidOut { get; set; } = static archive => Blocking.RunAsync(() => archive.CopyTo(Stream.Null)).AsTask();

    public async Task LayOutAsync(string runDirectory, string manifest, Stream archive)
    {
        Calls.Enqueue($"lay out {manifest} in {runDirectory}");
        await LaidOut(archive);
    }

    public Task<ArchiveCopy> OpenArchiveAsync(string runDirectory, string path, IReadOnlyList<string>? patterns) =>
        Task.FromResult(new ArchiveCopy([], _ => throw new NotSupportedException()));

    public Task<FileList> ListFilesAsync(string runDirectory, string path) => Task.FromResult(new FileList
    {
        Directory = Path.Combine(folder, runDirectory),
        Entries = [new FileEntry { Path = "result.dat", Length = 3 }],
    });

    public Task<Stream> OpenFileAsync(string runDirectory, string path) => OpenAsync(Path.Combine(folder, path));

    /// <summary>What a command does instead of running.</summary>
    internal Func<Func<OutputKind, ReadOnlyMemory<byte>, Task>, Task<Ending>>? Executed { get; set; }

    public Task<Ending> ExecAsync(ServerMessage.Exec order, Func<OutputKind, ReadOnlyMemory<byte>, Task> write) => Executed!(write);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Puts an attempt there that an earlier agent had started.</summary>
    internal FakeAttempt Put(AttemptId id, string runDirectory, int? processId) => _attempts.GetOrAdd(id, _ => new FakeAttempt(new AttemptRecord
    {
        Attempt = id,
        RunDirectory = runDirectory,
        ProcessId = processId,
        StartedAt = processId is null ? null : DateTimeOffset.UnixEpoch,
    }));

    /// <summary>Ends an attempt.</summary>
    internal void End(AttemptId id, Ending ending) => _attempts[id].End(ending);

    internal void End(AttemptId id, AttemptEnd end) => _attempts[id].End(end);

    internal void Say(AttemptId id, Progress progress) => _attempts[id].Progress = progress;

    internal string LogPath(AttemptId attempt, OutputKind kind = OutputKind.Output) => Path.Combine(folder, $"{attempt}.{kind}");

    private static Task<Stream> OpenAsync(string path) => File.Exists(path)
        ? Task.FromResult<Stream>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, useAsync: true))
        : throw new DriverException($"There is no {Path.GetFileName(path)}.", isNotFound: true);
}
