using System.Globalization;

namespace Drover.Protocol.Jobs;

/// <summary>What a <see cref="RetryPolicy"/> means. Pure: clients check with it what the server will check.</summary>
public static class RetryRules
{
    private const int MostRetries = 1000;
    private const int MostConditions = 100;
    private const int HighestSignal = 64;
    private const double LongestDelaySeconds = 30 * 86400;

    private const string Words =
        "lost, node-failed, preempted, out-of-memory, time-limit, launch-failed, exit, exit:CODE, signal or signal:NUMBER";

    /// <summary>What is wrong with a policy, in a sentence; null when nothing is.</summary>
    public static string? Fault(this RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Retries is < 0 or > MostRetries ? $"There are 0 to {MostRetries} retries, not {policy.Retries}."
            : !(policy.DelaySeconds >= 0 && policy.DelaySeconds <= LongestDelaySeconds)
                || !(policy.MaxDelaySeconds >= 0 && policy.MaxDelaySeconds <= LongestDelaySeconds)
                ? "The delay before a retry, and the longest one, are from 0 seconds to 30 days."
            : policy.On is { Count: 0 } ? "A retry needs endings to follow: leave them out for the usual ones."
            : policy.On is { Count: > MostConditions } ? $"A retry follows at most {MostConditions} kinds of endings, not {policy.On.Count}."
            : policy.On?.Select(ConditionFault).FirstOrDefault(fault => fault is not null);
    }

    /// <summary>Whether an attempt that ended like this is followed by another one, as far as the kind of ending goes.</summary>
    public static bool Follows(this RetryPolicy policy, Ending ending)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(ending);
        return ending switch
        {
            Ending.Exited { Code: 0 } or Ending.Canceled => false,
            _ when policy.On is { } conditions => conditions.Any(condition => Names(condition, ending)),
            _ => ending is not (Ending.TimeLimit or Ending.LaunchFailed),
        };
    }

    /// <summary>How long to wait after an attempt before the next one: twice as long each time, up to the longest.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="attempt">The attempt that ended, from 1.</param>
    public static TimeSpan DelayAfter(this RetryPolicy policy, int attempt)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return TimeSpan.FromSeconds(Math.Min(policy.DelaySeconds * Math.Pow(2, attempt - 1), policy.MaxDelaySeconds));
    }

    private static string? ConditionFault(string? condition) => condition switch
    {
        "lost" or "node-failed" or "preempted" or "out-of-memory" or "time-limit" or "launch-failed" or "exit" or "signal" => null,
        "exit:0" => "Exit code 0 is success, which no retry follows.",
        "canceled" => "A canceled job is never tried again.",
        { } when condition.StartsWith("exit:", StringComparison.Ordinal) =>
            Number(condition) is >= 1 and <= 255 ? null : $"An exit code is from 1 to 255, as in exit:75, not '{condition}'.",
        { } when condition.StartsWith("signal:", StringComparison.Ordinal) =>
            Number(condition) is >= 1 and <= HighestSignal ? null : $"A signal has a number from 1 to {HighestSignal}, as in signal:9, not '{condition}'.",
        _ => $"A retry follows {Words}, not '{condition}'.",
    };

    private static bool Names(string condition, Ending ending) => ending switch
    {
        Ending.Lost => condition == "lost",
        Ending.NodeFailed => condition == "node-failed",
        Ending.Preempted => condition == "preempted",
        Ending.OutOfMemory => condition == "out-of-memory",
        Ending.TimeLimit => condition == "time-limit",
        Ending.LaunchFailed => condition == "launch-failed",
        Ending.Exited { Code: var code } => condition == "exit" || (condition.StartsWith("exit:", StringComparison.Ordinal) && Number(condition) == code),
        Ending.Signaled { Number: var number } =>
            condition == "signal" || (condition.StartsWith("signal:", StringComparison.Ordinal) && Number(condition) == number),
        _ => false,
    };

    private static int? Number(string condition) =>
        int.TryParse(condition.AsSpan(condition.IndexOf(':', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : null;
}
