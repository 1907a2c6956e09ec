using Drover.Agent.Ops;
using Drover.Protocol.Files;

namespace Drover.Agent.Drivers;

/// <summary>
/// Starts, watches and stops attempts at one kind of site, and reads their files. All of it is called on the agent's
/// loop, waits without blocking it, and keeps nothing that only the agent's memory holds: after the agent was killed
/// <see cref="RecoverAsync"/> knows every attempt again that was started.
/// </summary>
internal interface IDriver : IAsyncDisposable
{
    /// <summary>The kind of site: process, container, slurm.</summary>
    string Kind { get; }

    /// <summary>What the site has, and which limits it keeps.</summary>
    SiteResources Resources { get; }

    /// <summary>
    /// Every attempt with a record, whatever became of it. The first thing that is called; it fails when the records
    /// cannot be had, and then nothing may be started.
    /// </summary>
    /// <exception cref="DriverException">The records cannot be read; the message says what to do.</exception>
    Task<IReadOnlyList<AttemptRecord>> RecoverAsync();

    /// <summary>
    /// Starts an attempt unless there is a record of it (then that record is the answer, and <paramref name="order"/>
    /// changes nothing). Records that it is about to start it before it does. What prevents the start is an ending.
    /// </summary>
    Task<AttemptRecord> StartAsync(RunOrder order);

    /// <summary>
    /// Waits until an attempt with a record has started, or has ended, and returns its record: the agent before may have
    /// gone while it was being started.
    /// </summary>
    /// <exception cref="DriverException">There is no such record.</exception>
    Task<AttemptRecord> StartedAsync(AttemptId attempt);

    /// <summary>
    /// Lays out inputs in a run directory, before the attempt is started, as often as is asked: what is there of an earlier
    /// try is replaced. Nothing is written outside of it. In a canceled scope it ends soon, and what is there stays.
    /// </summary>
    /// <param name="runDirectory">The name of the run directory; it is made when it is not there.</param>
    /// <param name="manifest">The SHA-256 of the list of inputs.</param>
    /// <param name="archive">As <see cref="AgentProtocol.InputsPath"/> has it; read on threads that may block.</param>
    /// <exception cref="DriverException">It cannot be done; the message says why.</exception>
    /// <exception cref="HttpRequestException">The archive broke.</exception>
    Task LayOutAsync(string runDirectory, string manifest, Stream archive);

    /// <summary>Waits until an attempt that was started has ended. In a canceled scope the attempt goes on.</summary>
    Task<AttemptEnd> WaitAsync(AttemptId attempt);

    /// <summary>
    /// Asks an attempt to stop. Returns when the order is taken, not when the attempt has ended; that it is canceled
    /// becomes its ending, unless it had ended before. Again with a shorter grace: the shorter one holds. Without a
    /// record: makes one that says it was canceled, so that it cannot be started any more.
    /// </summary>
    Task StopAsync(AttemptId attempt, StopOrder order);

    /// <summary>Drops the record of an attempt that has ended. Its files stay.</summary>
    Task ForgetAsync(IReadOnlyList<AttemptId> attempts);

    /// <summary>
    /// Removes run directories with all that is in them; links are removed, not followed. Returns those that are gone, also
    /// when they were gone before. What could not be removed is left as far as it was.
    /// </summary>
    Task<IReadOnlyList<string>> RemoveAsync(IReadOnlyList<string> runDirectories);

    /// <summary>How far a running attempt says it is; null when it does not. Cancellation ends it also while a file system hangs.</summary>
    Task<Progress?> ReadProgressAsync(AttemptId attempt, string runDirectory);

    /// <summary>What keeps an attempt from ending although it was killed, in words; null when nothing does. Does not block.</summary>
    string? TroubleOf(AttemptId attempt) => null;

    /// <summary>Opens what an attempt wrote, for reading from any place, also while it writes.</summary>
    /// <exception cref="DriverException">There is no such log.</exception>
    Task<Stream> OpenLogAsync(AttemptId attempt, string runDirectory, OutputKind kind);

    /// <summary>Lists a folder of a run directory and all below it.</summary>
    /// <param name="runDirectory">The name of the run directory.</param>
    /// <param name="path">A folder in it; empty for all. Must not lead out of it, not even through symbolic links.</param>
    /// <exception cref="DriverException">There is no such folder, or the path leads out.</exception>
    Task<FileList> ListFilesAsync(string runDirectory, string path);

    /// <summary>Looks for files of a run directory, and makes an archive of them ready to be written.</summary>
    /// <param name="runDirectory">The name of the run directory.</param>
    /// <param name="path">A folder in it; empty for all.</param>
    /// <param name="patterns">Which files, as globs from there; null for all.</param>
    /// <exception cref="DriverException">There is no such folder, the path leads out, or no file fits.</exception>
    Task<ArchiveCopy> OpenArchiveAsync(string runDirectory, string path, IReadOnlyList<string>? patterns);

    /// <summary>Opens a file of a run directory for reading.</summary>
    /// <exception cref="DriverException">There is no such file, or the path leads out.</exception>
    Task<Stream> OpenFileAsync(string runDirectory, string path);

    /// <summary>
    /// Runs a short command in a run directory, also beside an attempt that runs there, and waits for its end. In a canceled
    /// scope it is ended, with its process group; it does not outlive the agent, however that ends.
    /// </summary>
    /// <param name="order">What to run.</param>
    /// <param name="write">Takes what it writes, as it comes; while that waits, the command does when it writes on.</param>
    /// <returns>How it ended. That it cannot be started is an ending as well.</returns>
    /// <exception cref="DriverException">There is no such run directory.</exception>
    Task<Ending> ExecAsync(ServerMessage.Exec order, Func<OutputKind, ReadOnlyMemory<byte>, Task> write);
}
