using System.CommandLine;
using System.Globalization;
using Drover.Server;

namespace Drover.Bench.Jobs.Load;

/// <summary>
/// <c>Drover.Bench measured-server DATA</c>: the server as <c>drover up</c> runs it, without an agent, which answers
/// each line of standard input with the bytes of its heap after a full collection, on the standard error stream. Only a
/// process itself can collect its garbage; what it does besides is the server's.
/// </summary>
internal static class MeasuredServerCommand
{
    public const string Name = "measured-server";

    public static Command Create()
    {
        var data = new Argument<string>("data") { Description = "the data folder" };
        var command = new Command(Name, "Run a server that tells how large its heap is.") { data };
        command.SetAction((parsed, _) =>
        {
            new Thread(AnswerLines) { IsBackground = true, Name = "heap" }.Start();
            return ServerProgram.RunAsync(new ServerLaunch { DataFolder = parsed.GetRequiredValue(data) });
        });
        return command;
    }

    private static void AnswerLines()
    {
        while (Console.In.ReadLine() is not null)
        {
            // Twice: what has a finalizer is garbage only after that has run.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Console.Error.WriteLine(GC.GetTotalMemory(forceFullCollection: false).ToString(CultureInfo.InvariantCulture));
        }
    }
}
