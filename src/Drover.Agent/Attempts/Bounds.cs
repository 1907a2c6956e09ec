namespace Drover.Agent.Attempts;

/// <summary>
/// Cuts what comes from outside so that each message stays below <see cref="AgentProtocol.MaxMessageBytes"/>: JSON needs
/// at most six bytes for a character, and the parts of an end have 9,216 together.
/// </summary>
internal static class Bounds
{
    private const int Words = 1024;
    private const int Tail = 4096;

    internal static AttemptEnd Cut(AttemptEnd end) => end with
    {
        Ending = Cut(end.Ending),
        Evidence = Begin(end.Evidence, 2 * Words),
        ErrorTail = end.ErrorTail is null ? null : End(end.ErrorTail, Tail),
    };

    internal static Progress Cut(Progress progress) => progress.Message is { Length: > 200 } message
        ? progress with { Message = Begin(message, 200) }
        : progress;

    /// <summary>The beginning of a text.</summary>
    internal static string Begin(string text, int length = Words)
    {
        if (text.Length <= length)
        {
            return text;
        }

        int end = char.IsHighSurrogate(text[length - 2]) ? length - 2 : length - 1;
        return string.Concat(text.AsSpan(0, end), "…");
    }

    private static string End(string text, int length)
    {
        if (text.Length <= length)
        {
            return text;
        }

        int begin = text.Length - length;
        return text[(char.IsLowSurrogate(text[begin]) ? begin + 1 : begin)..];
    }

    private static Ending Cut(Ending ending) => ending switch
    {
        Ending.Signaled e => e with { Name = Begin(e.Name) },
        Ending.Canceled e => new Ending.Canceled(Begin(e.By), e.Why is null ? null : Begin(e.Why)),
        Ending.NodeFailed e => new Ending.NodeFailed(Begin(e.Reason)),
        Ending.Preempted e => new Ending.Preempted(Begin(e.Reason)),
        Ending.LaunchFailed e => e with { Message = Begin(e.Message) },
        Ending.Lost e => new Ending.Lost(Begin(e.Reason)),
        _ => ending,
    };
}
