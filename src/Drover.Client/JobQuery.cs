using System.Globalization;
using System.Text;
using Drover.Client.Http;

namespace Drover.Client;

/// <summary>Which jobs to list, and in which order. What is not mentioned restricts nothing.</summary>
public sealed record JobQuery
{
    /// <summary>
    /// Those in a state, or with a kind of ending, in the words of the API: <c>unfinished</c>, <c>running</c>,
    /// <c>ended</c>, <c>signaled</c>, …
    /// </summary>
    public string? State { get; init; }

    /// <summary>Those whose name matches this pattern of <c>*</c> and <c>?</c>.</summary>
    public string? Name { get; init; }

    /// <summary>Those of this site.</summary>
    public string? Site { get; init; }

    /// <summary>Those of this array.</summary>
    public JobId? Array { get; init; }

    /// <summary>Another user's, or <c>all</c>; for administrators. Default: one's own.</summary>
    public string? User { get; init; }

    /// <summary>
    /// In which order, in the words of the API: <c>submitted</c> (the default, the last one first), <c>ended</c> (those that
    /// ended last first), <c>priority</c> (those that have not ended, the highest priority first: so one user's are served).
    /// </summary>
    public string? Sort { get; init; }

    /// <summary>The request for a page of them.</summary>
    internal ApiRequest Page(int limit, JobId? before)
    {
        var path = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"api/v1/jobs?limit={limit}"));
        (string Name, string? Value)[] parameters =
        [
            ("state", State), ("name", Name), ("site", Site), ("array", Array?.ToString()), ("user", User), ("sort", Sort),
            ("before", before?.ToString()),
        ];
        foreach ((string name, string? value) in parameters)
        {
            if (value is not null)
            {
                path.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return ApiRequest.Get(path.ToString());
    }
}
