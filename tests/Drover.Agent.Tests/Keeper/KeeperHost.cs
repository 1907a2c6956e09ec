using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Drover.Agent.Keeper;

namespace Drover.Agent.Tests.Keeper;

/// <summary>The keeper of the tests is this test program itself, started with the first argument "keeper", as drover is.</summary>
internal static class KeeperHost
{
    private const string FirstArgument = "keeper";

    /// <summary>Ends a keeper that nobody needs sooner than in life, so that none stays after the tests.</summary>
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(2);

    internal static IReadOnlyList<string> Command { get; } =
        [Path.Combine(AppContext.BaseDirectory, typeof(KeeperHost).Assembly.GetName().Name!), FirstArgument];

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Main is the test framework's.")]
    internal static void RunInsteadOfTests()
    {
        if (Environment.GetCommandLineArgs() is [_, FirstArgument, "--folder", var folder])
        {
            Environment.Exit(KeeperProgram.Run(folder, s_idle));
        }
    }
}
