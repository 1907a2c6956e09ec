using System.Diagnostics;
using System.Text;

namespace Drover.EndToEnd.Tests;

/// <summary>A program that a test has started, and what it has written so far.</summary>
internal sealed class RunningCommand : IDisposable
{
    private readonly Process _process;
    private readonly Collected _output;
    private readonly Collected _error;
    private bool _isDisposed;

    internal RunningCommand(ProcessStartInfo start)
    {
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = System.Diagnostics.Process.Start(start)!;
        _process.StandardInput.Close();
        _output = new Collected(_process.StandardOutput.BaseStream);
        _error = new Collected(_process.StandardError.BaseStream);
    }

    internal string Output => Encoding.UTF8.GetString(_output.Bytes);

    internal string Error => Encoding.UTF8.GetString(_error.Bytes);

    /// <summary>The process; fails when it has ended.</summary>
    internal LiveProcess Process => LiveProcess.Find(_process.Id) ?? throw new InvalidOperationException($"it has ended: {Error}");

    internal bool HasEnded => _process.HasExited;

    /// <summary>Returns when its standard output contains the text.</summary>
    internal Task WritesAsync(string text) => SaysAsync(() => Output, text);

    /// <summary>Returns when its standard error contains the text.</summary>
    internal Task ComplainsAsync(string text) => SaysAsync(() => Error, text);

    /// <summary>Waits until it has ended and everything it wrote was read.</summary>
    internal Task<CommandResult> EndAsync() => Eventually.EndsAsync(
        CollectAsync(), () => $"the end of '{_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}', which wrote '{Last(Output)}' and said '{Last(Error)}'");

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static string Last(string text) => text.Length <= 1000 ? text : text[^1000..];

    private Task SaysAsync(Func<string> said, string text) => Eventually.IsTrueAsync(
        () => said().Contains(text, StringComparison.Ordinal)
            || (_process.HasExited ? throw new InvalidOperationException($"It ended without '{text}': {Output}{Error}") : false),
        $"'{text}' in what it says: {Output}{Error}");

    private async Task<CommandResult> CollectAsync()
    {
        await _process.WaitForExitAsync();
        await Task.WhenAll(_output.End, _error.End);
        return new CommandResult(_process.ExitCode, _output.Bytes, _error.Bytes);
    }

    private sealed class Collected
    {
        private readonly MemoryStream _bytes = new();

        internal Collected(Stream stream) => End = ReadAsync(stream);

        internal Task End { get; }

        internal byte[] Bytes
        {
            get
            {
                lock (_bytes)
                {
                    return _bytes.ToArray();
                }
            }
        }

        private async Task ReadAsync(Stream stream)
        {
            byte[] buffer = new byte[64 * 1024];
            while (await stream.ReadAsync(buffer) is > 0 and int count)
            {
                lock (_bytes)
                {
                    _bytes.Write(buffer, 0, count);
                }
            }
        }
    }
}
