using System.Diagnostics;
using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>Whether a job may start, as far as others are concerned, and how that is said. Pure.</summary>
internal static class DependencyRules
{
    /// <summary>Who cancels what can no longer start.</summary>
    internal const string Drover = "drover";

    /// <summary>Leads from one reason to the one that it goes back to.</summary>
    private const string Because = "; it began when ";

    private const string WaitsForJob = "waiting for job ";
    private const string WaitsForArray = "waiting for array ";

    private static readonly Verdict s_met = new Verdict.Met();

    /// <summary>Where a dependency on a job stands.</summary>
    internal static Verdict Judge(Dependency dependency, JobInfo job)
    {
        if (job.End is not { } end)
        {
            return new Verdict.Open($"{WaitsForJob}{NameOf(job)} {ToHappen(dependency.When)}, {Doing(job.State)}");
        }

        bool isMet = dependency.When switch
        {
            DependencyKind.Succeeded => end.Ending.IsSuccess,
            DependencyKind.Failed => !end.Ending.IsSuccess,
            _ => true,
        };
        return isMet ? s_met : new Verdict.Unmet(Why($"job {NameOf(job)}, which had {ToHappen(dependency.When)} first,", end.Ending));
    }

    /// <summary>Where a dependency on an array stands.</summary>
    internal static Verdict Judge(Dependency dependency, ArrayStanding array)
    {
        (ArrayRow row, ArrayCounts counts, ArrayFailure? failure) = array;
        return dependency.When switch
        {
            DependencyKind.Succeeded when failure is not null => new Verdict.Unmet(
                Why($"job {row.Id}_{failure.Index} of array {row.Id}, all of which had to succeed first,", failure.Ending)),
            DependencyKind.Failed when array.IsOver && failure is null => new Verdict.Unmet(
                $"array {row.Id}, one job of which had to fail first, succeeded"),
            _ when array.IsOver => s_met,
            _ => new Verdict.Open($"{WaitsForArray}{row.Id} {ToHappen(dependency.When)}, {counts.Ended} of {row.Count} jobs of which have ended"),
        };
    }

    /// <summary>Whether these are the words of a job that waits for others.</summary>
    internal static bool IsWait(string? situation) => situation is not null
        && (situation.StartsWith(WaitsForJob, StringComparison.Ordinal) || situation.StartsWith(WaitsForArray, StringComparison.Ordinal));

    private static string NameOf(JobInfo job) => $"{(job.Array is { } place ? $"{place.Array}_{place.Index}" : job.Id)}";

    private static string ToHappen(DependencyKind kind) => kind switch
    {
        DependencyKind.Succeeded => "to succeed",
        DependencyKind.Failed => "to fail",
        _ => "to end",
    };

    private static string Doing(JobState state) => state switch
    {
        JobState.Queued => "which waits itself",
        JobState.Starting => "which is being started",
        JobState.Running => "which is running",
        _ => "of which nothing is heard at the moment",
    };

    /// <summary>In a chain, the reason names the one before and the one that it began with, not all between them.</summary>
    private static string Why(string who, Ending ending)
    {
        if (ending is Ending.Canceled { By: Drover, Why: { } why } && why.Contains("had to", StringComparison.Ordinal))
        {
            int begin = why.LastIndexOf(Because, StringComparison.Ordinal);
            return $"{who} was canceled{Because}{(begin < 0 ? why : why[(begin + Because.Length)..])}";
        }

        return $"{who} {Did(ending)}";
    }

    private static string Did(Ending ending) => ending switch
    {
        Ending.Exited => ending.ToString()!,
        Ending.Signaled => $"was {ending}",
        Ending.OutOfMemory => "ran out of memory",
        Ending.TimeLimit => $"was {ending}",
        Ending.Canceled => $"was {ending}",
        Ending.NodeFailed e => $"was on a node that failed: {e.Reason}",
        Ending.Preempted => $"was {ending}",
        Ending.LaunchFailed => $"was {ending}",
        Ending.Lost => $"was {ending}",
        _ => throw new UnreachableException(),
    };

}
