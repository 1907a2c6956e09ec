using Drover.Bench.Orchestration;
using Drover.Coroutines;

namespace Drover.Bench.Jobs;

/// <summary>Other people's programs.</summary>
internal static class Programs
{
    // Daemons live in the second half, which is in the PATH of administrators only.
    private static readonly string[] s_folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/local/sbin", "/usr/sbin", "/sbin"];

    /// <summary>The program's path; its name when it is not here.</summary>
    public static string Find(string name) => Path(name) ?? name;

    /// <summary>Why one of them cannot be had, or null.</summary>
    public static string? WhyMissing(string package, params IEnumerable<string> names) =>
        names.FirstOrDefault(name => Path(name) is null) is { } missing ? $"it needs {missing} (Debian package {package})" : null;

    /// <summary>Runs a program to its end and gives its standard output.</summary>
    /// <exception cref="BenchmarkException">It did not end with the exit code 0.</exception>
    public static async Task<string> RunAsync(ProcessSpec spec, ReadOnlyMemory<byte> input = default)
    {
        try
        {
            return (await Subprocess.RunAsync(spec, input)).ThrowIfFailed().Output;
        }
        catch (Exception failure) when (failure is ProcessFailedException or ProcessStartException)
        {
            throw new BenchmarkException(failure.Message, failure);
        }
    }

    private static string? Path(string name) =>
        s_folders.Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
