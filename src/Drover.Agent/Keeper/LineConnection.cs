using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Agent.Keeper;

/// <summary>
/// JSON objects, one a line, over a socket of the loop. What is posted within one turn of the loop goes out with one send.
/// </summary>
internal sealed class LineConnection(LoopSocket socket) : IDisposable
{
    /// <summary>Longer than the longest job description and the longest environment that the system allows.</summary>
    private const int LongestLine = 4 << 20;

    private readonly Event _hasOutput = new("output");
    private readonly Event _isFlushed = new("everything to be sent");
    private ArrayBufferWriter<byte> _posted = new();
    private ArrayBufferWriter<byte> _sending = new();
    private Utf8JsonWriter? _writer;

    /// <summary>Whether it was disposed: nothing more is sent.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>Sends a message, soon. Does not block. After the end it does nothing.</summary>
    internal void Post<T>(T message, JsonTypeInfo<T> type)
    {
        if (IsClosed)
        {
            return;
        }

        if (_writer is null)
        {
            _writer = new Utf8JsonWriter(_posted);
        }
        else
        {
            _writer.Reset(_posted);
        }

        JsonSerializer.Serialize(_writer, message, type);
        _writer.Flush();
        _posted.Write("\n"u8);
        _hasOutput.Set();
        _isFlushed.Reset();
    }

    /// <summary>Waits until everything that was posted is sent, or the connection is closed.</summary>
    internal async Task FlushAsync()
    {
        if (!IsClosed && _posted.WrittenCount > 0)
        {
            await _isFlushed.WaitAsync();
        }
    }

    /// <summary>
    /// Sends what is posted and gives each line that comes to <paramref name="onLine"/>, until the other side closes the
    /// connection, it breaks, or this is disposed. Then it is closed.
    /// </summary>
    internal async Task RunAsync(Action<ReadOnlySpan<byte>> onLine)
    {
        try
        {
            await TaskGroup.RunAsync(async group =>
            {
                group.Start(SendAllAsync, "send");
                await ReceiveAllAsync(onLine);
                group.Cancel("the other side has closed the connection");
            });
        }
        catch (TaskGroupException e) when (e.InnerExceptions.All(IsEnd))
        {
            // The connection broke or was replaced, which is an end as good as another.
        }
        finally
        {
            Dispose();
        }
    }

    public void Dispose()
    {
        IsClosed = true;
        _isFlushed.Set();
        socket.Dispose();
    }

    private static bool IsEnd(Exception e) => e is SocketException or ClosedException or ObjectDisposedException;

    private async Task SendAllAsync()
    {
        while (true)
        {
            await _hasOutput.WaitAsync();
            _hasOutput.Reset();
            (_posted, _sending) = (_sending, _posted);
            await socket.SendAsync(_sending.WrittenMemory);
            _sending.ResetWrittenCount();
            if (_posted.WrittenCount == 0)
            {
                _isFlushed.Set();
            }
        }
    }

    private async Task ReceiveAllAsync(Action<ReadOnlySpan<byte>> onLine)
    {
        byte[] buffer = new byte[1 << 16];
        int filled = 0;
        while (true)
        {
            int count = await socket.ReceiveAsync(buffer.AsMemory(filled));
            if (count == 0)
            {
                return;
            }

            int searched = filled;
            filled += count;
            int start = 0;
            int end;
            while ((end = buffer.AsSpan(searched, filled - searched).IndexOf((byte)'\n')) >= 0)
            {
                end += searched;
                onLine(buffer.AsSpan(start, end - start));
                if (IsClosed)
                {
                    return;
                }

                start = searched = end + 1;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (filled == buffer.Length)
            {
                if (filled >= LongestLine)
                {
                    throw new SocketException((int)SocketError.MessageSize, "A line is too long.");
                }

                Array.Resize(ref buffer, 2 * buffer.Length);
            }
        }
    }
}
