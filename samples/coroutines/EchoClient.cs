using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Drover.Samples;

/// <summary>The other side of <see cref="Echo"/>: opens so many connections and keeps all open until the last one is.</summary>
/// <remarks>
/// Notice:
/// - Ten thousand coroutines wait for one Event, and one line wakes them all.
/// - Slots limit how many connect at once; the rest wait in order.
/// </remarks>
internal sealed class EchoClient(int port, int connections, TextWriter output)
{
    private readonly IPEndPoint _server = new(IPAddress.Loopback, port);
    private readonly Slots _connecting = new(200, "connecting");
    private readonly Event _everybodyIsHere = new("everybody is here");
    private int _connected;

    public async Task RunAsync()
    {
        await TaskGroup.RunAsync(group =>
        {
            for (int number = 1; number <= connections; number++)
            {
                string name = $"client {number}";
                group.Start(() => TalkAsync(name));
            }
        });
        output.WriteLine($"clients: all {_connected} were answered twice, the second time while all were connected");
    }

    private async Task TalkAsync(string name)
    {
        using var connection = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (await _connecting.AcquireAsync())
        {
            await connection.ConnectAsync(_server, CancelScope.Current.Token);
        }

        await ExchangeAsync(connection, $"{name} is here");
        if (++_connected == connections)
        {
            _everybodyIsHere.Set();
        }

        await _everybodyIsHere.WaitAsync();
        await ExchangeAsync(connection, $"{name} is still here");
    }

    private static async Task ExchangeAsync(Socket connection, string message)
    {
        await using var stream = new NetworkStream(connection, ownsSocket: false);
        byte[] sent = Encoding.UTF8.GetBytes(message);
        byte[] echoed = new byte[sent.Length];
        await stream.WriteAsync(sent, CancelScope.Current.Token);
        await stream.ReadExactlyAsync(echoed, CancelScope.Current.Token);
        if (!echoed.SequenceEqual(sent))
        {
            throw new InvalidDataException($"'{message}' came back as '{Encoding.UTF8.GetString(echoed)}'.");
        }
    }
}
