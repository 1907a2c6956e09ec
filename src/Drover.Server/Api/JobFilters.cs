using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Api;

/// <summary>Reads from a query which jobs are to be listed.</summary>
internal static class JobFilters
{
    private const int LongestPattern = 200;
    private const int MostStars = 8; // Each more can multiply the time that a match takes.

    private static readonly Dictionary<string, Func<JobFilter, JobFilter>> s_states = new(StringComparer.Ordinal)
    {
        ["all"] = filter => filter,
        ["unfinished"] = filter => filter with { Group = JobGroup.Unfinished },
        ["ended"] = filter => filter with { Group = JobGroup.Ended },
        ["purged"] = filter => filter with { Group = JobGroup.Ended, State = JobState.Purged },
        ["queued"] = Unfinished(JobState.Queued),
        ["starting"] = Unfinished(JobState.Starting),
        ["running"] = Unfinished(JobState.Running),
        ["unknown"] = Unfinished(JobState.Unknown),
        ["exited"] = Ended("exited"),
        ["signaled"] = Ended("signaled"),
        ["outOfMemory"] = Ended("outOfMemory"),
        ["timeLimit"] = Ended("timeLimit"),
        ["canceled"] = Ended("canceled"),
        ["nodeFailed"] = Ended("nodeFailed"),
        ["preempted"] = Ended("preempted"),
        ["launchFailed"] = Ended("launchFailed"),
        ["lost"] = Ended("lost"),
    };

    /// <summary>Every word for a state, separated by bars.</summary>
    internal static string States { get; } = string.Join('|', s_states.Keys);

    /// <summary>The filter of a request.</summary>
    /// <exception cref="ApiException">It makes no sense.</exception>
    internal static JobFilter Of(IQueryCollection query, Caller caller, JobId? array)
    {
        string state = (string?)query["state"] is { Length: > 0 } word ? word : "all";
        if (!s_states.TryGetValue(state, out Func<JobFilter, JobFilter>? restrict))
        {
            throw ApiException.Bad($"state is {string.Join(", ", s_states.Keys)}, not '{state}'.");
        }

        string sort = (string?)query["sort"] is { Length: > 0 } order ? order : "submitted";
        if (sort is not ("submitted" or "ended" or "priority"))
        {
            throw ApiException.Bad($"sort is submitted, ended or priority, not '{sort}'.");
        }

        JobFilter filter = restrict(new JobFilter
        {
            User = UserOf(query, caller),
            Array = array,
            Site = (string?)query["site"] is { Length: > 0 } site ? site : null,
            Name = NameOf(query),
            IsByEnd = sort == "ended",
            IsByPriority = sort == "priority",
        });
        return sort == "submitted" ? filter : sort == "ended" ? ByEnd(filter, state) : ByPriority(filter, state);
    }

    private static JobFilter ByPriority(JobFilter filter, string state) => filter.Group == JobGroup.Ended
        ? throw ApiException.Bad($"sort=priority lists jobs that have not ended, and those with state={state} have.")
        : filter with { Group = JobGroup.Unfinished };

    private static JobFilter ByEnd(JobFilter filter, string state) =>
        filter.Group == JobGroup.Unfinished
            ? throw ApiException.Bad($"sort=ended lists jobs that have ended, and those with state={state} have not.")
            : filter.User is null ? throw ApiException.Bad("sort=ended lists the jobs of one user.")
            : filter with { Group = JobGroup.Ended };

    private static string? UserOf(IQueryCollection query, Caller caller) => (string?)query["user"] switch
    {
        null or "" => caller.User,
        "all" when caller.IsAdmin => null,
        string user when caller.MayTouch(user) => user,
        string other => throw ApiException.Forbidden($"Only administrators list the jobs of others, and {caller.User} is none: '{other}' is not shown."),
    };

    private static string? NameOf(IQueryCollection query) => (string?)query["name"] is not { Length: > 0 } name ? null
        : name.Length > LongestPattern ? throw ApiException.Bad($"name is a pattern of at most {LongestPattern} characters.")
        : name.Count(c => c == '*') > MostStars ? throw ApiException.Bad($"name is a pattern with at most {MostStars} asterisks.")
        : name;

    private static Func<JobFilter, JobFilter> Unfinished(JobState state) => filter => filter with { Group = JobGroup.Unfinished, State = state };

    private static Func<JobFilter, JobFilter> Ended(string ending) => filter => filter with { Group = JobGroup.Ended, Ending = ending };
}
