namespace Drover.Server.Inputs;

/// <summary>An upload cannot be taken; nothing of it is kept, unless it says how much.</summary>
/// <param name="code">A word for programs, as in <see cref="Problem.Code"/>.</param>
/// <param name="message">What is wrong and what to do, in a sentence.</param>
/// <param name="offset">How much of the content there is, when that is why.</param>
internal sealed class InputException(string code, string message, long? offset = null) : Exception(message)
{
    /// <summary>A word for programs.</summary>
    internal string Code { get; } = code;

    /// <summary>How much of the content there is, when that is why it is not taken.</summary>
    internal long? Offset { get; } = offset;

    /// <summary>A content is not what its hash says.</summary>
    internal static InputException Mismatch(string hash) =>
        new("hashMismatch", $"What was uploaded as {hash} has another SHA-256: it changed while it was uploaded, or on the way. Nothing of it was stored; upload it again.");
}
