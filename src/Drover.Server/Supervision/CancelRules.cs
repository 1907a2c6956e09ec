namespace Drover.Server.Supervision;

/// <summary>What a request to cancel may contain, and how it is told.</summary>
internal static class CancelRules
{
    /// <summary>In characters. It goes to agents in one message with others, and into the audit trail.</summary>
    private const int LongestReason = 1000;

    /// <exception cref="RequestRefusedException">It asks for what cannot be.</exception>
    internal static void Check(CancelRequest request)
    {
        if (request.Why is { } why && (why.Length > LongestReason || why.Contains('\0')))
        {
            throw RequestRefusedException.Bad($"The reason of a cancel has at most {LongestReason} characters, and no null character.");
        }

        if (request.GraceSeconds is { } grace && !(grace >= 0 && grace <= 86400))
        {
            throw RequestRefusedException.Bad("A grace period is from 0 to 86400 seconds.");
        }
    }

    /// <summary>The line of the audit trail.</summary>
    internal static string Cause(CancelRequest request) => request.Why is { } why ? $"asked to cancel it: {why}" : "asked to cancel it";
}
