using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Drover.Agent.Keeper;

namespace Drover.Agent.Tests.Keeper;

/// <summary>The keeper of the tests is this test program itself, started with the first argument "keeper", as drover is.</summary>
internal static class KeeperHost
{
    private const string FirstArgument = "keeper";
    private const string Impatience = "impatient";

    /// <summary>Ends a keeper that nobody needs sooner than in life, so that none stays after the tests.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(2);

    internal static IReadOnlyList<string> Command { get; } =
        [Path.Combine(AppContext.BaseDirectory, typeof(KeeperHost).Assembly.GetName().Name!), FirstArgument];

    /// <summary>Has the next keeper of a folder wait only shortly for the end of what it has killed.</summary>
    internal static void MakeImpatient(string folder) => File.WriteAllText(Path.Combine(folder, Impatience), "");

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Main is the test framework's.")]
    internal static void RunInsteadOfTests()
    {
        if (Environment.GetCommandLineArgs() is [_, FirstArgument, "--folder", var folder])
        {
            if (File.Exists(Path.Combine(folder, Impatience)))
            {
                AttemptLife.DyingTakes = TimeSpan.FromSeconds(0.5);
            }

            Environment.Exit(KeeperProgram.Run(folder, s_idle));
        }
    }
}
