using System.Text.Unicode;
using Drover.Cli.Consoles;
using Drover.Cli.Following;

namespace Drover.Cli;

/// <summary>What a command finds around it. Tests bring their own.</summary>
internal sealed record Surroundings
{
    public required Terminal Terminal { get; init; }

    /// <summary>An environment variable; null when it is not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    /// <summary>The folder where the command was typed.</summary>
    public required string Directory { get; init; }

    /// <summary>This program: what to run, and with which arguments before a command.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    public required Interrupts Interrupts { get; init; }

    /// <summary>Whether the arguments were UTF-8, so that nothing was replaced when they were read.</summary>
    public Func<bool> AreArgumentsText { get; init; } = () => true;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static Surroundings OfThisProcess()
    {
        string executable = System.Environment.ProcessPath ?? "drover";
        string library = Path.Combine(AppContext.BaseDirectory, "drover.dll");
        return new Surroundings
        {
            Terminal = Terminal.Standard(System.Environment.GetEnvironmentVariable),
            Environment = System.Environment.GetEnvironmentVariable,
            Directory = System.Environment.CurrentDirectory,
            Program = Path.GetFileNameWithoutExtension(executable) == "dotnet" ? [executable, library] : [executable],
            Interrupts = new Interrupts(),
            AreArgumentsText = AreOwnArgumentsText,
        };
    }

    private static bool AreOwnArgumentsText()
    {
        try
        {
            return Utf8.IsValid(File.ReadAllBytes("/proc/self/cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true; // Not on this system.
        }
    }
}
