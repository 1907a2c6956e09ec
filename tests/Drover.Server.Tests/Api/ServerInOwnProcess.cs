using System.Globalization;
using System.Net;

namespace Drover.Server.Tests.Api;

/// <summary>A whole server in a process of its own, which has open files and memory for itself.</summary>
internal sealed class ServerInOwnProcess : IDisposable
{
    private const string Prefix = "server: ";
    private readonly TemporaryFolder _folder = new();
    private readonly OwnProgram _program;

    internal ServerInOwnProcess()
    {
        _program = new OwnProgram("serve", _folder.Path);
        Url = new Uri(ReadLine());
        Token = File.ReadAllText(_folder["token"]).Trim();
    }

    internal Uri Url { get; }

    internal EndPoint Address => new IPEndPoint(IPAddress.Loopback, Url.Port);

    /// <summary>The administrator's.</summary>
    internal string Token { get; }

    /// <summary>How many files and connections it has open.</summary>
    internal int OpenFiles => Directory.GetFileSystemEntries($"/proc/{_program.Id}/fd").Length;

    /// <summary>How many bytes of memory it occupies, managed or not.</summary>
    internal long ResidentBytes => long.Parse(File.ReadAllText($"/proc/{_program.Id}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    /// <summary>The program.</summary>
    internal static void Serve(string folder)
    {
        // In the module's initializer, see DurabilityTests.Commit: no code of this module may run on another thread.
        RunningServer server = RunningServer.StartAsync(new ServerLaunch { DataFolder = folder }, () => { }).Result;
        Console.WriteLine(Prefix + server.Url);
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{LiveHeap.Bytes()}"));
        }
    }

    /// <summary>How many bytes of managed memory are in use, after a full collection.</summary>
    internal long Heap()
    {
        _program.WriteLine("heap");
        return long.Parse(ReadLine(), CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _program.Dispose();
        _folder.Dispose();
    }

    /// <summary>The next line that is not the server's log.</summary>
    private string ReadLine()
    {
        while (true)
        {
            if (_program.ReadLine() is var line && line.StartsWith(Prefix, StringComparison.Ordinal))
            {
                return line[Prefix.Length..];
            }
        }
    }
}
