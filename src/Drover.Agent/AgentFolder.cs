using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Drover.Agent;

/// <summary>
/// The folder of an agent, locked for as long as it lives: two agents with the same records would both report, and
/// each would stop what the other starts.
/// </summary>
internal sealed partial class AgentFolder : IDisposable
{
    private readonly FileStream _lock;

    private AgentFolder(string path, string id, FileStream held)
    {
        Path = path;
        Id = id;
        _lock = held;
    }

    /// <summary>Its absolute path.</summary>
    internal string Path { get; }

    /// <summary>The random word that stays with it.</summary>
    internal string Id { get; }

    /// <summary>Makes the folder where there is none, and locks it. Blocks.</summary>
    /// <exception cref="AgentException">It cannot be written to, or another agent has it.</exception>
    internal static AgentFolder Open(string folder)
    {
        string path = System.IO.Path.GetFullPath(folder);
        try
        {
            MakePrivate(path);
            FileStream held = Lock(path);
            try
            {
                return new AgentFolder(path, ReadOrMakeId(path), held);
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new AgentException($"The agent's folder {path} cannot be used: {e.Message}", e);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static void MakePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static FileStream Lock(string path)
    {
        string file = System.IO.Path.Combine(path, "agent.lock");
        FileStream held;
        try
        {
            held = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None); // flock(2) on Unix.
        }
        catch (IOException e) when (HolderOf(file) is { } holder)
        {
            throw new AgentException($"Another agent ({holder}) has the folder {path}: stop it, or give this one another folder with --folder.", e);
        }

        held.SetLength(0);
        held.Write(Encoding.ASCII.GetBytes($"process {Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}\n"));
        held.Flush();
        return held;
    }

    /// <summary>What the holder wrote; null when nobody did: then the lock was not the reason.</summary>
    private static string? HolderOf(string file)
    {
        // Not with File.Open, which would want a lock as well.
        using var handle = new SafeFileHandle(Open(file, 0), ownsHandle: true);
        if (handle.IsInvalid)
        {
            return null;
        }

        byte[] text = new byte[64];
        return Encoding.ASCII.GetString(text, 0, RandomAccess.Read(handle, text, 0)).Trim() is { Length: > 0 } holder ? holder : null;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    private static string ReadOrMakeId(string path)
    {
        string file = System.IO.Path.Combine(path, "folder-id");
        if (File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } known)
        {
            return known;
        }

        string id = RandomNumberGenerator.GetHexString(32, lowercase: true);
        string written = file + ".new";
        File.WriteAllText(written, id + "\n");
        File.Move(written, file, overwrite: true); // Whole or not at all, whenever the agent is killed.
        return id;
    }
}
