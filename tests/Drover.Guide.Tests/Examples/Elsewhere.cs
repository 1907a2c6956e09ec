using System.Security.Cryptography;

namespace Drover.Guide.Tests.Examples;

/// <summary>Threads, other loops, generators.</summary>
internal static class Elsewhere
{
    internal static async Task BlockingWork()
    {
        #region blocking
        string path = await Blocking.RunAsync(Path.GetTempFileName);               // Blocks: one of 64 threads.
        byte[][] hashes = await Blocking.MapAsync(["a", "b", "c"], text =>         // Computes: a thread a core.
            SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
        await Blocking.RunAsync(() => File.Delete(path));
        Console.WriteLine(Convert.ToHexString(hashes[0])[..8]);
        #endregion
    }

    internal static async Task Processes()
    {
        #region process
        ProcessResult result = await Subprocess.RunAsync(new ProcessSpec("sh", "-c", "echo out; echo oops >&2; exit 3"));
        Console.WriteLine($"{result.Exit}: {result.Output.TrimEnd()}, {result.Error.TrimEnd()}");

        await Subprocess.RunAsync(new ProcessSpec("sh", "-c", "while true; do echo tick; sleep 0.01; done"), async process =>
        {
            for (int i = 0; i < 2; i++)
            {
                Console.WriteLine(await process.Output.ReadLineAsync());
            }
        }); // Leaving stops the process and all it has started.
        #endregion
    }

    internal static void OwnThread()
    {
        #region start
        EventLoop loop = EventLoop.Start("counters"); // On a thread of its own.
        int count = 0;                                // Belongs to the loop: touched only there.
        var clients = new Thread[4];
        for (int i = 0; i < clients.Length; i++)
        {
            clients[i] = new Thread(() => loop.InvokeAsync(() => count += 1).Wait());
            clients[i].Start();
        }

        Array.ForEach(clients, client => client.Join());
        Console.WriteLine(loop.InvokeAsync(() => count).Result);
        loop.StopAsync("the day is over").Wait();
        #endregion
    }

    internal static async Task Generators()
    {
        #region generator
        var average = new Generator<double, double, string>(async y =>
        {
            double sum = await y.YieldAsync(0); // Gives 0 out, takes in what is sent.
            for (int count = 1; count < 3; count++)
            {
                sum += await y.YieldAsync(sum / count);
            }

            return "enough";
        });
        Console.WriteLine(await average.NextAsync());
        Console.WriteLine(await average.SendAsync(10));
        Console.WriteLine(await average.SendAsync(20));
        Console.WriteLine(await average.SendAsync(30));
        #endregion
    }
}
