using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Drover.Samples;

/// <summary>Three servers start from the same file, in any order, and find out which line of it they are.</summary>
/// <remarks>
/// The <see cref="RollCallServer"/> is what to read. This file runs it: alone, as a process of its own, or three of
/// them, each in an event loop of its own, with a client that comes too early.
/// </remarks>
internal static class RollCall
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromMilliseconds(50);

    /// <summary>One server, in a process of its own.</summary>
    public static async Task ServeAsync(string file, int port, TextWriter output)
    {
        string[] entries = await File.ReadAllLinesAsync(file, CancelScope.Current.Token);
        using Socket listener = Bind(port);
        await new RollCallServer([.. entries.Select(IPEndPoint.Parse)], listener, output).RunAsync();
    }

    /// <summary>Three servers in this process. One of them starts late, and the client does not know that.</summary>
    public static async Task RunAsync(TextWriter output)
    {
        using Socket first = Bind(port: 0);
        using Socket second = Bind(port: 0);
        using Socket third = Bind(port: 0);
        IPEndPoint[] entries = [EndPoint(first), EndPoint(second), EndPoint(third)];
        await TaskGroup.RunAsync(async group =>
        {
            group.Start(() => ServeOnALoopOfItsOwnAsync(third));
            group.Start(() => ServeOnALoopOfItsOwnAsync(first));
            Coroutine<string> answer = group.Start(() => AskAsync(EndPoint(first), "good morning"), "client");
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            output.WriteLine("now the last server starts");
            group.Start(() => ServeOnALoopOfItsOwnAsync(second));
            output.WriteLine($"the client hears '{await answer.JoinAsync()}'");
            group.Cancel("the client has its answer");
        });

        async Task ServeOnALoopOfItsOwnAsync(Socket listener)
        {
            await using EventLoop loop = EventLoop.Start($"{listener.LocalEndPoint}");
            await loop.InvokeAsync(
                () => new RollCallServer(entries, listener, output).RunAsync(),
                cancellationToken: CancelScope.Current.Token);
        }
    }

    public static IPEndPoint EndPoint(Socket listener) => (IPEndPoint)listener.LocalEndPoint!;

    /// <summary>A socket that has its port already. Nobody can connect before it listens.</summary>
    public static Socket Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    /// <summary>Sends one line to a server and returns the line that it answers. Tries again until the server is up.</summary>
    public static async Task<string> AskAsync(IPEndPoint server, string request)
    {
        while (true)
        {
            try
            {
                return await AskOnceAsync(server, request);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                await Coroutine.SleepAsync(s_retryAfter, $"{server} to start");
            }
        }
    }

    private static async Task<string> AskOnceAsync(IPEndPoint server, string request)
    {
        CancellationToken canceled = CancelScope.Current.Token;
        using var client = new TcpClient();
        await client.ConnectAsync(server, canceled);
        await using NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"{request}\n"), canceled);
        using var reader = new StreamReader(stream);
        return await reader.ReadLineAsync(canceled) ?? throw new IOException($"{server} hung up.");
    }
}
