using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Drover.Bench.Orchestration;

/// <summary>
/// The folder for everything that peers make while a suite runs, and the end of every process that they leave behind.
/// </summary>
/// <remarks>
/// <para>Nothing is deleted before the end: file systems are slow to create files after many were deleted.</para>
/// <para>
/// Peers find the folder in <c>TMPDIR</c>, which every process inherits that descends from them. That is how servers
/// are found that outlive a peer which was killed, also those that made sessions of their own.
/// </para>
/// </remarks>
internal sealed class Workspace : IDisposable
{
    private const string Variable = "TMPDIR";

    // What must be on disk costs something only on a disk, and /tmp is in memory on many machines.
    private const string Parent = "/var/tmp";

    private readonly string _folder;
    private readonly PosixSignalRegistration[] _signals;
    private volatile bool _isInterrupted;

    private Workspace(string folder)
    {
        _folder = folder;
        PosixSignal[] deadly = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];
        _signals = [.. deadly.Select(signal => PosixSignalRegistration.Create(signal, Interrupt))];
    }

    public static Workspace Create()
    {
        var random = Convert.ToHexStringLower(BitConverter.GetBytes(Random.Shared.Next()));
        var folder = Directory.CreateDirectory(Path.Combine(Parent, $"drover-bench-{random}")).FullName;
        Environment.SetEnvironmentVariable(Variable, folder);
        return new Workspace(folder);
    }

    /// <summary>Whether somebody asked this process to end. The peer that ran then was ended.</summary>
    public bool IsInterrupted => _isInterrupted;

    /// <summary>Ends the processes that a peer left behind, so that they do not slow down the next one.</summary>
    public void EndLeftovers()
    {
        for (var patience = 100; patience > 0 && KillDescendants() > 0; patience--)
        {
            Thread.Sleep(20);
        }
    }

    public void Dispose()
    {
        Array.ForEach(_signals, signal => signal.Dispose());
        EndLeftovers();

        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException failure)
        {
            Console.Error.WriteLine($"{_folder} is left behind: {failure.Message}");
        }
    }

    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        _isInterrupted = true;
        EndLeftovers();
    }

    private int KillDescendants()
    {
        var mark = Encoding.UTF8.GetBytes($"{Variable}={_folder}\0");
        var found = 0;
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId
                && EnvironmentOf(entry).AsSpan().IndexOf(mark) >= 0)
            {
                found++;
                Kill(id);
            }
        }

        return found;
    }

    /// <summary>Empty when the process has ended or belongs to somebody else.</summary>
    private static byte[] EnvironmentOf(string entry)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(entry, "environ"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }
}
