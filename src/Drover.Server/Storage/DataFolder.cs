using System.Text;
using System.Text.Json;

namespace Drover.Server.Storage;

/// <summary>The folder that a server keeps everything in: where its files are, and who may use it.</summary>
/// <param name="path">The folder; need not exist.</param>
internal sealed class DataFolder(string path)
{
    private const int WouldBlock = 11; // EWOULDBLOCK, of flock(2)

    /// <summary>The absolute path of the folder.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The database.</summary>
    public string Database => System.IO.Path.Combine(Path, "drover.db");

    /// <summary>The file whose lock the server has that uses the folder.</summary>
    public string LockFile => System.IO.Path.Combine(Path, "server.lock");

    /// <summary>How to reach the server; there while it runs.</summary>
    public string ServerFile => System.IO.Path.Combine(Path, Protocol.Servers.ServerFile.Name);

    /// <summary>The token of the default user.</summary>
    public string TokenFile => System.IO.Path.Combine(Path, "token");

    /// <summary>The optional configuration.</summary>
    public string ConfigurationFile => System.IO.Path.Combine(Path, "drover.yaml");

    /// <summary>The folder of what users upload.</summary>
    public string Inputs => System.IO.Path.Combine(Path, "inputs");

    /// <summary>The folder of the logs.</summary>
    public string Logs => System.IO.Path.Combine(Path, "logs");

    /// <summary>The log of the server.</summary>
    public string ServerLog => System.IO.Path.Combine(Logs, "server.log");

    /// <summary>The log of the local agent.</summary>
    public string AgentLog => System.IO.Path.Combine(Logs, "agent.log");

    /// <summary>The folder of the local agent.</summary>
    public string AgentFolder => System.IO.Path.Combine(Path, "agent");

    /// <summary>The folder and the log of a user's agent on this machine.</summary>
    public (string Folder, string Log) AgentOf(string user) => user == Environment.UserName
        ? (AgentFolder, AgentLog)
        : (System.IO.Path.Combine(Path, "agents", user), System.IO.Path.Combine(Logs, $"agent-{user}.log"));

    /// <summary>
    /// The folder to use: <paramref name="chosen"/>, else <c>$DROVER_DATA</c>, else <c>$XDG_DATA_HOME/drover</c>, else
    /// <c>~/.local/share/drover</c>.
    /// </summary>
    public static DataFolder Locate(string? chosen)
    {
        string? named = NullWhenEmpty(chosen) ?? Variable("DROVER_DATA");
        string? shared = Variable("XDG_DATA_HOME");
        return new DataFolder(named ?? (shared is not null
            ? System.IO.Path.Combine(shared, "drover")
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share", "drover")));

        static string? Variable(string name) => NullWhenEmpty(Environment.GetEnvironmentVariable(name));
        static string? NullWhenEmpty(string? value) => value is "" ? null : value;
    }

    /// <summary>
    /// Makes the folder where it is missing (only its owner can enter it), sees that it can be written, and takes its
    /// lock for this process, until the result is disposed or the process ends, however it ends. Blocks briefly.
    /// </summary>
    /// <exception cref="StorageException">Another server has it (the message names it), or it cannot be written.</exception>
    public DataFolderLock Lock()
    {
        try
        {
            Create();
            // .NET locks a file that is not shared with flock(2): the lock ends with the process.
            return new DataFolderLock(
                new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None), ServerFile);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            string who = ReadServerFile() is { } server
                ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the server with process number {server.ProcessId}, at {server.Url}")
                : "another server, which is just starting or stopping";
            throw new StorageException(
                StorageFailure.InUse,
                $"{Path} is in use by {who}. Use that one, or end it with 'drover down', or give another data folder with --data.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Translate(e, Path);
        }
    }

    /// <summary>The server that runs here, as it says; null when there is no such file, or none that can be read.</summary>
    public ServerFile? ReadServerFile()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(ServerFile), ProtocolJson.Default.ServerFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The token of the default user; null when there is none yet.</summary>
    /// <exception cref="StorageException">There is one, but it cannot be read.</exception>
    public string? ReadToken()
    {
        try
        {
            string token = File.ReadAllText(TokenFile).Trim();
            return token.Length == 0 ? null : token;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageFailure.Other, $"{TokenFile} cannot be read by the user {Environment.UserName}: {e.Message}", e);
        }
    }

    /// <summary>Writes how to reach the server, all at once.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public void WriteServerFile(ServerFile file) =>
        Write(ServerFile, JsonSerializer.SerializeToUtf8Bytes(file, ProtocolJson.Default.ServerFile));

    /// <summary>Writes the token of the default user, all at once; only its owner can read it.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public void WriteToken(string token) => Write(TokenFile, Encoding.UTF8.GetBytes(token + '\n'));

    private static void Write(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            AtomicFile.Write(path, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Translate(e, path);
        }
    }

    private void Create()
    {
        foreach (string folder in (ReadOnlySpan<string>)[Path, Logs])
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }
}
