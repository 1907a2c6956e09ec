using System.Buffers;

namespace Drover.Agent.Drivers.Process;

/// <summary>Passes on what a command writes to one of its streams, as fast as it is taken: a command that writes faster waits.</summary>
internal sealed class ExecOutput(ProcessOutput from, Func<ReadOnlyMemory<byte>, Task> write)
{
    // What the command has written is in the pipe and read at once. Whoever else holds the pipe is not waited for.
    private static readonly TimeSpan s_patienceAfterEnd = TimeSpan.FromMilliseconds(100);

    private CancelScope? _reading;
    private bool _isOver;

    /// <summary>Passes on until the stream ends, or the command has and the pipe is empty.</summary>
    internal async Task RunAsync()
    {
        byte[] block = ArrayPool<byte>.Shared.Rent(ExecFrames.MaxPayload);
        try
        {
            while (true)
            {
                bool isLast = _isOver;
                Outcome<int> read = await CancelScope.RunAsync(
                    async scope =>
                    {
                        _reading = scope;
                        return await from.ReadAsync(block.AsMemory(0, ExecFrames.MaxPayload));
                    },
                    isLast ? s_patienceAfterEnd : null);
                _reading = null;
                if (read.TryGetValue(out int count) ? count == 0 : isLast)
                {
                    return;
                }

                if (count > 0)
                {
                    await write(block.AsMemory(0, count));
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>The command and its group have ended.</summary>
    internal void Finish()
    {
        _isOver = true;
        _reading?.Cancel("the command has ended");
    }
}
