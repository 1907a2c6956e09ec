using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Drover.Samples.Tests;

/// <summary>A sample as a program of its own, with its input and output in the test's hands. Disposing it ends it.</summary>
internal sealed partial class SampleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _output;
    private readonly Task _errors;

    private SampleProcess(Process process)
    {
        _process = process;
        _output = CopyAsync(process.StandardOutput, Output);
        _errors = CopyAsync(process.StandardError, Errors);
    }

    public OutputLog Output { get; } = new();

    public OutputLog Errors { get; } = new();

    public StreamWriter Input => _process.StandardInput;

    public static SampleProcess Start(params IEnumerable<string> arguments) =>
        Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Drover.Samples"), arguments));

    public static SampleProcess Start(ProcessStartInfo program)
    {
        program.UseShellExecute = false;
        program.RedirectStandardInput = true;
        program.RedirectStandardOutput = true;
        program.RedirectStandardError = true;
        return new SampleProcess(Process.Start(program)!);
    }

    /// <summary>Waits until it has ended, and returns its exit code.</summary>
    public async Task<int> EndAsync()
    {
        await Task.WhenAll(_output, _errors);
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Interrupt()
    {
        if (Kill(_process.Id, Signal.Interrupt) != 0)
        {
            throw new Win32Exception();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill(entireProcessTree: true);
        await EndAsync();
        _process.Dispose();
    }

    private static async Task CopyAsync(StreamReader from, OutputLog to)
    {
        char[] buffer = new char[1024];
        while (await from.ReadAsync(buffer) is > 0 and int count)
        {
            to.Write(buffer, 0, count);
        }
    }

    private enum Signal
    {
        Interrupt = 2,
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, Signal signal);
}
