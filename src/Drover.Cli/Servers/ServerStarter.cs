using Drover.Coroutines;

namespace Drover.Cli.Servers;

/// <summary>Starts a server that outlives this program.</summary>
internal sealed class ServerStarter(Surroundings surroundings, DataFolder folder)
{
    private static readonly TimeSpan s_longestStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Starts one and returns where it is once it answers. When another one was faster, that one.
    /// </summary>
    /// <param name="options">For <c>drover up</c>, beyond the data folder.</param>
    /// <param name="cancellationToken">Ends the wait; the server goes on starting.</param>
    /// <exception cref="CliException">It could not be started; the message has the end of its log.</exception>
    public async Task<ServerFile> StartAsync(IEnumerable<string> options, CancellationToken cancellationToken)
    {
        long logStart = PrepareLog();
        int process = Spawn(options);
        TimeProvider time = surroundings.Time;
        long started = time.GetTimestamp();
        while (true)
        {
            bool hasExited = !DataFolder.IsAlive(process); // Before the file is read: what it wrote at last counts.
            if (folder.ReadServerFile() is { } file && DataFolder.IsAlive(file) && await AnswersAsync(file, cancellationToken))
            {
                return file;
            }

            if (hasExited && !folder.IsLocked())
            {
                throw new CliException(ExitCodes.ServerUnreachable, $"The server could not be started{Reason(logStart)}");
            }

            if (time.GetElapsedTime(started) > s_longestStart)
            {
                throw new CliException(
                    ExitCodes.ServerUnreachable,
                    $"The server (process {process}) has been starting for {Quantities.Duration(s_longestStart)}: look into {folder.ServerLogPath}.");
            }

            await Task.Delay(s_pause, time, cancellationToken);
        }
    }

    private async Task<bool> AnswersAsync(ServerFile file, CancellationToken cancellationToken)
    {
        using var client = new DroverClient(new DroverClientOptions
        {
            Server = new Uri(file.Url),
            Token = folder.ReadToken(),
            RetryFor = TimeSpan.Zero,
            Time = surroundings.Time,
        });
        try
        {
            await client.GetServerAsync(cancellationToken);
            return true;
        }
        catch (DroverException e) when (e is ServerUnreachableException or RequestRefusedException)
        {
            return false;
        }
    }

    /// <summary>Makes the folders; returns where the log of this start begins.</summary>
    private long PrepareLog()
    {
        try
        {
            Directory.CreateDirectory(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.CreateDirectory(Path.GetDirectoryName(folder.ServerLogPath)!);
            using FileStream log = File.Open(folder.ServerLogPath, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            return log.Length;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(
                ExitCodes.ServerUnreachable,
                $"No server can be started in {folder.Path}: {e.Message.TrimEnd('.')}. Name a folder that you may write to with --data or DROVER_DATA.");
        }
    }

    /// <summary>Starts the process, in a session of its own, and returns its number.</summary>
    private int Spawn(IEnumerable<string> options)
    {
        IReadOnlyList<string> program = surroundings.Program;
        var spec = new ProcessSpec(program[0], [.. program.Skip(1), "up", "--foreground", "--data", folder.Path, .. options])
        {
            WorkingDirectory = folder.Path,
            // Jobs get the server's environment: a user's token for another server is none of their business.
            Environment = new Dictionary<string, string?> { ["DROVER_TOKEN"] = null, ["DROVER_SERVER"] = null },
            Output = OutputTarget.File(folder.ServerLogPath, append: true),
            Error = OutputTarget.SameAsOutput,
        };
        try
        {
            return EventLoop.Run(() => Subprocess.StartDetachedAsync(spec));
        }
        catch (ProcessStartException e)
        {
            throw new CliException(ExitCodes.ServerUnreachable, $"The server could not be started: {e.Message}");
        }
    }

    private string Reason(long logStart)
    {
        const int LastLines = 10;
        string log = "";
        try
        {
            using FileStream stream = File.Open(folder.ServerLogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(Math.Max(logStart, stream.Length - (16 * 1024)), SeekOrigin.Begin);
            using var reader = new StreamReader(stream);
            log = reader.ReadToEnd().Trim('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log = $"its log cannot be read: {e.Message}";
        }

        string[] lines = log.Split('\n');
        string[] last = lines[^Math.Min(LastLines, lines.Length)..];
        return log.Length == 0 && IsDiskFull() ? $": the disk that holds {folder.Path} is full. Make room there, or name another folder with --data or DROVER_DATA."
            : log.Length == 0
            ? $"; it ended at once and wrote nothing to {folder.ServerLogPath}."
            : last.Length == 1 ? $": {Text.Plain.Escape(last[0])}" : $":\n{string.Join('\n', last.Select(l => "  " + Text.Plain.Escape(l)))}";
    }

    /// <summary>A server that finds no room cannot say so in its log either.</summary>
    private bool IsDiskFull()
    {
        const long LeastRoom = 128 * 1024;
        try
        {
            return new DriveInfo(folder.Path).AvailableFreeSpace < LeastRoom;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
