using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Drover.Server.Tests.Api;
using Drover.Server.Tests.Storage;

namespace Drover.Server.Tests;

/// <summary>Programs of a test's own, to be killed: this test assembly, started again with the program's name in its environment.</summary>
internal sealed class OwnProgram : IDisposable
{
    private const string Variable = "DROVER_TEST_PROGRAM";
    private readonly Process _process;

    /// <summary>Starts one.</summary>
    internal OwnProgram(string name, string folder)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, typeof(OwnProgram).Assembly.GetName().Name!))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { [Variable] = $"{name}:{folder}" },
        };
        _process = Process.Start(start)!;
    }

    internal int Id => _process.Id;

    internal string ReadLine() => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the program ended");

    internal void WriteLine(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Kills it as kill -9 does, and returns what it had written that was not read yet.</summary>
    internal string[] Kill()
    {
        _process.Kill();
        string[] rest = _process.StandardOutput.ReadToEnd().Split('\n');
        _process.WaitForExit();
        return rest[..^1]; // A line without its end was not written in full.
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Main is the test framework's.")]
    internal static void RunInsteadOfTests()
    {
        string? program = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        switch (program?.Split(':', 2))
        {
            case ["commit", var folder]:
                DurabilityTests.Commit(folder);
                break;
            case ["lock", var folder]:
                DataFolderTests.Lock(folder);
                break;
            case ["serve", var folder]:
                ServerInOwnProcess.Serve(folder);
                break;
        }
    }
}
