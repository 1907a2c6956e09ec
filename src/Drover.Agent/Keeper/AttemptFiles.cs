namespace Drover.Agent.Keeper;

/// <summary>The files that Drover makes in a run directory: hidden, and of each attempt its own.</summary>
internal static class AttemptFiles
{
    /// <summary>How their names begin.</summary>
    internal const string Prefix = ".drover-";

    /// <summary>What it writes to its standard output or error.</summary>
    internal static string Log(string runDirectory, AttemptId attempt, OutputKind kind) =>
        Path.Combine(runDirectory, $"{Prefix}{attempt}.{(kind == OutputKind.Output ? "out" : "err")}");

    /// <summary>Where it may say how far it is.</summary>
    internal static string Progress(string runDirectory, AttemptId attempt) => Path.Combine(runDirectory, $"{Prefix}{attempt}.progress");

    /// <summary>Whether this may be the name of a run directory: of one, and not a way to somewhere else.</summary>
    internal static bool IsName(string name) => name.Length is > 0 and <= 200 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\0');
}
