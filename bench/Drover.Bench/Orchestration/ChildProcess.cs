using System.ComponentModel;
using System.Diagnostics;

namespace Drover.Bench.Orchestration;

/// <summary>A process that is talked to by lines and is gone when this object is disposed.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly TimeSpan _allowed;
    private readonly CancellationTokenSource _limit;

    private ChildProcess(Process process, TimeSpan allowed)
    {
        _process = process;
        _allowed = allowed;
        _limit = new CancellationTokenSource(allowed);
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>How long a process may take, unless it is said otherwise.</summary>
    public static TimeSpan UsualLimit { get; } = TimeSpan.FromMinutes(3);

    public int Id => _process.Id;

    /// <exception cref="BenchmarkException">The program cannot be started.</exception>
    public static ChildProcess Start(string fileName, IEnumerable<string> arguments, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return new ChildProcess(Process.Start(start)!, limit ?? UsualLimit);
        }
        catch (Win32Exception failure)
        {
            throw new BenchmarkException(failure.Message, failure);
        }
    }

    /// <summary>Runs a program to its end and gives its standard output.</summary>
    /// <exception cref="BenchmarkException">It could not be started, took longer than its limit, or ended with another code than 0.</exception>
    public static async Task<string> RunAsync(string fileName, IEnumerable<string> arguments, TimeSpan? limit = null)
    {
        await using var process = Start(fileName, arguments, limit);
        return await process.ReadToSuccessAsync();
    }

    /// <summary>Reads all output that is left.</summary>
    /// <inheritdoc cref="RunAsync" path="/exception"/>
    public Task<string> ReadToSuccessAsync() => WithinLimitAsync(async () =>
    {
        var output = await _process.StandardOutput.ReadToEndAsync(_limit.Token);
        await _process.WaitForExitAsync(_limit.Token);
        return _process.ExitCode == 0 ? output.Trim() : throw await DescribeEndAsync();
    });

    /// <exception cref="BenchmarkException">The process ended before it printed a line, or took longer than its limit.</exception>
    public Task<string> ReadLineAsync() => WithinLimitAsync(async () =>
    {
        var line = await _process.StandardOutput.ReadLineAsync(_limit.Token);
        if (line is null)
        {
            await _process.WaitForExitAsync(_limit.Token);
            throw await DescribeEndAsync();
        }

        return line;
    });

    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line);

    /// <summary>Closes the process's standard input, which asks it to end; kills it when it takes its time.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already, with input unread.
        }

        using (var grace = new CancellationTokenSource(TimeSpan.FromSeconds(_limit.IsCancellationRequested ? 0 : 5)))
        {
            await _process.WaitForExitAsync(grace.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _limit.Dispose();
    }

    private async Task<BenchmarkException> DescribeEndAsync()
    {
        var lastError = (await _errors).Trim().Split('\n')[^1];
        return new BenchmarkException($"exit code {_process.ExitCode}: {(lastError.Length > 0 ? lastError : "it printed no error")}");
    }

    private async Task<string> WithinLimitAsync(Func<Task<string>> read)
    {
        try
        {
            return await read();
        }
        catch (OperationCanceledException canceled)
        {
            throw new BenchmarkException($"not done after {_allowed.TotalMinutes} minutes", canceled);
        }
    }
}
