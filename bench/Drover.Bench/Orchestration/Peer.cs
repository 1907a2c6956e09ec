namespace Drover.Bench.Orchestration;

/// <summary>A program that measures the cases in a process of its own.</summary>
/// <param name="Name">Its column in the table.</param>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">What comes before the case's name.</param>
/// <param name="WhyMissing">Tells why the peer cannot run here; null when it can.</param>
internal sealed record Peer(string Name, string FileName, IReadOnlyList<string> Arguments, Func<Task<string?>> WhyMissing)
{
    /// <summary>The column that the others are compared with.</summary>
    public const string Reference = "drover";

    /// <summary>A peer that is written in C#: a command of this executable measures it.</summary>
    public static Peer InThisExecutable(string name, string command, Func<Task<string?>>? whyMissing = null) =>
        new(name, Environment.ProcessPath!, [command, name], whyMissing ?? (() => Task.FromResult<string?>(null)));

    /// <summary>Why a module of Python cannot be imported, or null when it can.</summary>
    public static async Task<string?> WhyNoModuleAsync(string module, string package)
    {
        try
        {
            await ChildProcess.RunAsync(Repository.Python, ["-c", $"import {module}"]);
            return null;
        }
        catch (BenchmarkException failure)
        {
            return $"it needs the Debian package {package} ({failure.Message})";
        }
    }
}
