namespace Drover.Coroutines;

/// <summary>A process that has ended, and what it wrote.</summary>
/// <param name="Spec">What was run.</param>
/// <param name="Exit">How it ended.</param>
/// <param name="Output">The last <see cref="ProcessSpec.MaxCollected"/> bytes of its standard output as text; empty when that was no pipe.</param>
/// <param name="Error">The same of its standard error stream.</param>
/// <param name="IsOutputCut">Whether there was more output before that.</param>
/// <param name="IsErrorCut">Whether there were more errors before that.</param>
public sealed record ProcessResult(
    ProcessSpec Spec, ProcessExit Exit, string Output, string Error, bool IsOutputCut, bool IsErrorCut)
{
    /// <summary>Returns this result when the exit code is 0.</summary>
    /// <exception cref="ProcessFailedException">It ended in another way.</exception>
    public ProcessResult ThrowIfFailed()
    {
        if (Exit.IsSuccess)
        {
            return this;
        }

        string? lastLine = LastLine(Error) ?? LastLine(Output);
        throw new ProcessFailedException(this, $"{Spec} {Exit}{(lastLine is null ? " and wrote no error." : $": {lastLine}")}");
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Spec} {Exit}";

    private static string? LastLine(string text)
    {
        const int Shown = 500;
        string end = text.TrimEnd();
        string line = end[(end.LastIndexOf('\n') + 1)..].Trim();
        return line.Length == 0 ? null : line.Length <= Shown ? line : $"{line.AsSpan(0, Shown)}…";
    }
}
