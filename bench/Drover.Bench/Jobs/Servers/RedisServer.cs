using System.Net.Sockets;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Servers;

/// <summary>A Redis server of our own.</summary>
internal static class RedisServer
{
    public const string Program = "redis-server";

    /// <summary>Runs the body with the server's address.</summary>
    /// <param name="isDurable">Whether every write is on disk before it is answered, or none ever is.</param>
    /// <param name="body">What to do while it runs.</param>
    public static Task<T> RunAsync<T>(bool isDurable, Func<Uri, Task<T>> body)
    {
        var folder = Scratch.NewFolder("redis");
        var log = Path.Combine(folder, "log");
        var port = FreePort.Find();
        string[] durability = isDurable ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
        var spec = new ProcessSpec(
            Programs.Find(Program), ["--bind", "127.0.0.1", "--port", $"{port}", "--dir", folder, "--save", "", .. durability])
        {
            Output = OutputTarget.File(log),
            Error = OutputTarget.SameAsOutput,
        };
        return Subprocess.RunAsync(spec, async server =>
        {
            await Readiness.WaitAsync(server, log, () => AcceptsAsync(port));
            return await body(new Uri($"redis://127.0.0.1:{port}/0"));
        });
    }

    /// <summary>Whether somebody listens there.</summary>
    public static async Task<bool> AcceptsAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
