using System.Text.Json;

namespace Drover.Cli.Servers;

/// <summary>The folder of a server on this machine, as far as its clients read it.</summary>
/// <param name="Path">An absolute path. The folder need not exist.</param>
internal sealed record DataFolder(string Path)
{
    public string ServerFilePath => System.IO.Path.Combine(Path, ServerFile.Name);

    public string ServerLogPath => System.IO.Path.Combine(Path, "logs", "server.log");

    /// <summary>The folder that is meant: as said, else $DROVER_DATA, else the user's own.</summary>
    public static DataFolder Find(string? option, Surroundings surroundings)
    {
        Func<string, string?> environment = surroundings.Environment;
        string path = NotEmpty(option)
            ?? NotEmpty(environment("DROVER_DATA"))
            ?? (NotEmpty(environment("XDG_DATA_HOME")) is { } data ? System.IO.Path.Combine(data, "drover") : null)
            ?? (NotEmpty(environment("HOME")) is { } home ? System.IO.Path.Combine(home, ".local", "share", "drover") : null)
            ?? throw new CliException(ExitCodes.WrongUsage, "There is no home folder to keep data in: name a folder with --data or DROVER_DATA.");
        return new DataFolder(System.IO.Path.GetFullPath(path, surroundings.Directory));
    }

    /// <summary>How to reach the server; null when none has said so.</summary>
    public ServerFile? ReadServerFile()
    {
        try
        {
            return Read(ServerFilePath) is { } bytes ? Parse(bytes) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new CliException(
                ExitCodes.ServerUnreachable, $"{ServerFilePath} is damaged, or of another version of drover: stop that server and start this one with `drover up`.");
        }
    }

    /// <summary>The token of the folder's owner.</summary>
    public string ReadToken()
    {
        string path = System.IO.Path.Combine(Path, "token");
        byte[] bytes = Read(path) ?? throw new CliException(
            ExitCodes.RequestFailed, $"There is no token in {path}: set DROVER_TOKEN, or start a server there with `drover up`.");
        return System.Text.Encoding.UTF8.GetString(bytes).Trim();
    }

    /// <summary>Whether the process that wrote the file is there; a server that was killed leaves its file behind.</summary>
    public static bool IsAlive(ServerFile file) => IsAlive(file.ProcessId);

    /// <summary>Whether there is such a process; one that only waits for its parent to notice its end is not.</summary>
    public static bool IsAlive(int processId)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                using var process = System.Diagnostics.Process.GetProcessById(processId);
                return !process.HasExited;
            }

            // "pid (name) state …": a zombie is not there any more.
            string stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat.AsSpan(stat.LastIndexOf(')') + 1).TrimStart() is not ['Z' or 'X', ..];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Whether a server has the folder to itself, though it may not answer yet.</summary>
    public bool IsLocked()
    {
        try
        {
            // On Unix FileShare.None is flock(2), which is how a server claims its folder.
            using FileStream file = File.Open(System.IO.Path.Combine(Path, "server.lock"), FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>Without the serializer, whose preparation takes longer than most commands do.</summary>
    private static ServerFile Parse(byte[] bytes)
    {
        using JsonDocument document = JsonDocument.Parse(bytes);
        JsonElement file = document.RootElement;
        return new ServerFile
        {
            Url = file.GetProperty("url").GetString()!,
            ProcessId = file.GetProperty("processId").GetInt32(),
            Version = file.GetProperty("version").GetString()!,
            StartedAt = file.GetProperty("startedAt").GetDateTimeOffset(),
        };
    }

    private byte[]? Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new CliException(
                ExitCodes.RequestFailed,
                $"{Path} belongs to another user: you may not read {path}. Use a folder of your own (--data, DROVER_DATA), or ask "
                + "that server's administrator for a token and use --server and DROVER_TOKEN.");
        }
        catch (IOException e)
        {
            throw new CliException(ExitCodes.RequestFailed, $"{path} cannot be read: {e.Message}");
        }
    }
}
