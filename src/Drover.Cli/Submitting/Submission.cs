using Drover.Cli.Commands;
using Drover.Cli.Text;
using Drover.Client.Scripts;

namespace Drover.Cli.Submitting;

/// <summary>Makes a job of a request: finds the jobs that it names, uploads its inputs, and submits it.</summary>
internal sealed class Submission(CommandContext context, JobRequest request)
{
    /// <summary>Submits one job and returns it; an earlier one when that is given back.</summary>
    public async Task<JobInfo> SubmitJobAsync()
    {
        DroverClient client = await context.ConnectOrStartAsync(CancellationToken.None);
        return await client.SubmitAsync(await CompleteAsync(client));
    }

    /// <summary>What to say when the result of an earlier job is given back.</summary>
    public static string ReuseNotice(JobInfo job, DateTimeOffset now) =>
        $"job {job.Id} did the same {(job.End is { } end ? JobText.Ago(end.At, now) : "before")} and succeeded: this is its result; --force runs it anew";

    /// <summary>What has to be asked of the server before the job can be submitted.</summary>
    private async Task<JobSpec> CompleteAsync(DroverClient client)
    {
        JobSpec spec = request.Spec;
        if (request.After.Count > 0)
        {
            var after = new List<Dependency>();
            foreach (ScriptDependency dependency in request.After)
            {
                after.Add(new Dependency((await client.FindJobAsync(dependency.Job)).Id, dependency.When));
            }

            spec = spec with { After = after };
        }

        return spec;
    }
}
