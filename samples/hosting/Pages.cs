using System.Text.Encodings.Web;
using Drover.Client;
using Drover.Protocol.Jobs;
using Microsoft.AspNetCore.Diagnostics;

namespace Drover.Samples.Hosting;

/// <summary>The gateway's pages.</summary>
internal static class Pages
{
    public static IResult Html(string body) => Results.Text($"<!doctype html><meta charset=utf-8><title>Darts</title>{body}", "text/html");

    public static string SignIn() =>
        """
        <h1>Darts</h1>
        <form method=post action=/sign-in>Who are you? <input name=name autofocus> <button>Sign in</button></form>
        """;

    public static string Start(string user) =>
        $"""
        <h1>Darts</h1>
        <p>Hello {Encode(user)}.
        <form method=post action=/runs>Throw <input name=darts value=2000000> darts <button>Go</button></form>
        """;

    /// <summary>A run: the script asks Drover's own API, as the user of the cookie, and waits there for each change.</summary>
    public static string Run(JobInfo job) =>
        $$"""
        <h1>{{Encode(job.Name)}}</h1>
        <p><span id=state>{{Encode(Describe(job))}}</span> <progress id=progress value="{{job.Progress?.Fraction ?? 0}}"></progress>
        <form method=post action=/runs/{{job.Id}}/cancel><button>Cancel</button></form>
        <p>{{(job.State == JobState.Ended ? $"<img src=/runs/{job.Id}/pi.svg alt='the darts'>" : "")}}
        <script>
            async function follow(revision) {
                const job = await (await fetch(`/drover/api/v1/jobs/{{job.Id}}?waitSeconds=30&after=${revision}`)).json();
                if (job.end) return location.reload();
                state.textContent = job.situation ?? job.progress?.message ?? job.state;
                progress.value = job.progress?.fraction ?? 0;
                follow(job.revision);
            }
            if ({{(job.End is null ? "true" : "false")}}) follow({{job.Revision}});
        </script>
        """;

    /// <summary>What Drover refuses is told in its own sentence; a job of somebody else is not there.</summary>
    public static async Task ExplainAsync(HttpContext http)
    {
        Exception? error = http.Features.Get<IExceptionHandlerFeature>()?.Error;
        http.Response.StatusCode = error switch
        {
            JobNotFoundException or FileNotInJobException => 404,
            RequestRefusedException refused => refused.Status,
            _ => 500,
        };
        await http.Response.WriteAsync(error is DroverException ? error.Message : "This went wrong.");
    }

    private static string Describe(JobInfo job) =>
        job.End?.Ending.ToString() ?? job.Situation ?? job.Progress?.Message ?? $"{job.State}".ToLowerInvariant();

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
