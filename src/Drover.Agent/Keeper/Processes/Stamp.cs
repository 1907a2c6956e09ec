using System.Text;

namespace Drover.Agent.Keeper.Processes;

/// <summary>
/// What every process of an attempt carries in its environment. The run directory belongs to it because another server's
/// attempts may have the same numbers.
/// </summary>
/// <param name="Attempt">The value of <see cref="AgentProtocol.AttemptVariable"/>.</param>
/// <param name="RunDirectory">The value of <see cref="RunDirectoryVariable"/>.</param>
internal sealed record Stamp(string Attempt, string RunDirectory)
{
    /// <summary>The variable with the absolute path of the run directory.</summary>
    internal const string RunDirectoryVariable = "DROVER_RUN_DIR";

    private static readonly byte[] s_attempt = Encoding.UTF8.GetBytes(AgentProtocol.AttemptVariable + "=");
    private static readonly byte[] s_runDirectory = Encoding.UTF8.GetBytes(RunDirectoryVariable + "=");

    /// <summary>
    /// The stamp of a process; null when it has none, is gone or another user's. It is read where its environment was at
    /// its start: a program that writes over that loses it.
    /// </summary>
    internal static Stamp? TryRead(int process)
    {
        if (TryReadEnvironment(process) is not { } environment)
        {
            return null;
        }

        string? attempt = null;
        string? runDirectory = null;
        foreach (Range range in environment.AsSpan().Split((byte)0))
        {
            ReadOnlySpan<byte> variable = environment.AsSpan(range);
            attempt ??= Value(variable, s_attempt);
            runDirectory ??= Value(variable, s_runDirectory);
        }

        return attempt is null || runDirectory is null ? null : new Stamp(attempt, runDirectory);
    }

    /// <summary>What a process had in its environment at its start, each variable ended by a zero; null when it is gone or another user's.</summary>
    internal static byte[]? TryReadEnvironment(int process)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{process}/environ");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? Value(ReadOnlySpan<byte> variable, byte[] name) =>
        variable.StartsWith(name) ? Encoding.UTF8.GetString(variable[name.Length..]) : null;
}
