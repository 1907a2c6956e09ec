using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Drover.Protocol;
using Drover.Protocol.Agents;

namespace Drover.Bench.Jobs.Load;

/// <summary>
/// An agent that does nothing but listen to the server's pings, and notes how late each is. It speaks WebSocket by itself,
/// on a thread of its own: libraries answer pings and tell nobody.
/// </summary>
internal sealed class HeartbeatProbe : IDisposable
{
    private const int Ping = 9;
    private const int Pong = 10;
    private const int Text = 1;

    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;
    private readonly TimeSpan _interval;

    private HeartbeatProbe(TcpClient tcp, TimeSpan interval)
    {
        _tcp = tcp;
        _stream = tcp.GetStream();
        _interval = interval;
    }

    /// <summary>Whether lateness is noted.</summary>
    public volatile bool Counts;

    /// <summary>How many milliseconds each ping came after it was due, counted from the one before.</summary>
    public ConcurrentQueue<double> Lateness { get; } = new();

    /// <summary>Connects as an agent.</summary>
    public static async Task<HeartbeatProbe> StartAsync(Uri server, string token, TimeSpan interval)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(server.Host, server.Port);
        var probe = new HeartbeatProbe(tcp, interval);
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await probe._stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {AgentProtocol.ConnectPath} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n"));
        new Thread(probe.Listen) { IsBackground = true, Name = "heartbeat probe", Priority = ThreadPriority.Highest }.Start();
        return probe;
    }

    public void Dispose() => _tcp.Dispose();

    private void Listen()
    {
        try
        {
            SkipHeaders();
            Send(Text, JsonSerializer.SerializeToUtf8Bytes<AgentMessage[]>(
                [
                    new AgentMessage.Hello
                    {
                        Protocol = AgentProtocol.Version,
                        Version = "bench",
                        Folder = "probe",
                        Host = "probe",
                        UnixUser = "probe",
                        ProcessId = 1,
                        Cpus = 1,
                        MemoryBytes = 1 << 30,
                        Driver = "process",
                        Limits = [],
                    },
                ],
                ProtocolJson.Default.AgentMessageArray));
            Send(Text, JsonSerializer.SerializeToUtf8Bytes<AgentMessage[]>([new AgentMessage.Ready()], ProtocolJson.Default.AgentMessageArray));
            for (long last = 0; ;)
            {
                var (kind, payload) = Receive();
                if (kind != Ping)
                {
                    continue;
                }

                Send(Pong, payload);
                var now = Stopwatch.GetTimestamp();
                if (last != 0 && Counts)
                {
                    Lateness.Enqueue(Math.Max(0, (Stopwatch.GetElapsedTime(last, now) - _interval).TotalMilliseconds));
                }

                last = now;
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It is over.
        }
    }

    private void SkipHeaders()
    {
        var last = 0;
        while (last != 0x0D0A0D0A)
        {
            last = (last << 8) | ReadByte();
        }
    }

    /// <summary>A frame, whose payload is short (RFC 6455, section 5.2).</summary>
    private (int Kind, byte[] Payload) Receive()
    {
        var kind = ReadByte() & 0xF;
        var length = ReadByte() & 0x7F;
        if (length == 126)
        {
            length = (ReadByte() << 8) | ReadByte();
        }

        var payload = new byte[length];
        _stream.ReadExactly(payload);
        return (kind, payload);
    }

    private int ReadByte() => _stream.ReadByte() is var value and >= 0 ? value : throw new IOException("the server closed the connection");

    /// <summary>A client's frame, masked with zeros.</summary>
    private void Send(int kind, byte[] payload)
    {
        byte[] head = payload.Length < 126
            ? [(byte)(0x80 | kind), (byte)(0x80 | payload.Length)]
            : [(byte)(0x80 | kind), 0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length];
        _stream.Write([.. head, 0, 0, 0, 0, .. payload]);
    }
}
