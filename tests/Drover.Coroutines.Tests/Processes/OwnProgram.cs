using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Drover.Coroutines.Tests.Processes;

/// <summary>Programs of a test's own: this test assembly, started again with the program's name in its environment.</summary>
internal static class OwnProgram
{
    private const string Variable = "DROVER_TEST_PROGRAM";

    internal static ProcessSpec Spec(string name) => new(Path.Combine(AppContext.BaseDirectory, typeof(OwnProgram).Assembly.GetName().Name!))
    {
        Environment = new Dictionary<string, string?> { [Variable] = name },
    };

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Main is the test framework's.")]
    internal static void RunInsteadOfTests()
    {
        string? name = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        if (name == "exit with open scope")
        {
            EventLoop.Run(() => Subprocess.RunAsync(new ProcessSpec("sh", "-c", "trap '' TERM; sleep 600 & echo $$ $!; wait"), async process =>
            {
                Console.WriteLine(await process.Output.ReadLineAsync());
                Console.In.ReadLine();
                Environment.Exit(7);
            }));
        }
        else if (name == "start detached")
        {
            string[] arguments = ["600"]; // An array: other threads wait for types of this assembly until this method has ended.
            Console.WriteLine(EventLoop.Run(() => Subprocess.StartDetachedAsync(new ProcessSpec("sleep", arguments)
            {
                Output = OutputTarget.Null,
                Error = OutputTarget.Null,
            })));
            Environment.Exit(0);
        }
        else if (name == "ignore the end of children")
        {
            signal((int)UnixSignal.SIGCHLD, 1); // SIG_IGN: the kernel then reaps them itself.
            ProcessExit exit = EventLoop.Run(async () => (await Subprocess.RunAsync(new ProcessSpec("sh", "-c", "exit 3"))).Exit);
            Console.WriteLine(exit);
            Environment.Exit(0);
        }
    }

    [DllImport("libc")]
    private static extern nint signal(int number, nint handler);
}
