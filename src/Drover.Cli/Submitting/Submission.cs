using Drover.Cli.Commands;
using Drover.Cli.Text;
using Drover.Client.Scripts;

namespace Drover.Cli.Submitting;

/// <summary>Makes a job or an array of a request: finds the jobs that it names, uploads its inputs, and submits it.</summary>
internal sealed class Submission(CommandContext context, JobRequest request)
{
    /// <summary>Whether many jobs are asked for.</summary>
    public bool IsArray => request.Indices is not null;

    /// <summary>Submits one job and returns it; an earlier one when that is given back.</summary>
    public async Task<JobInfo> SubmitJobAsync()
    {
        DroverClient client = await context.ConnectOrStartAsync(CancellationToken.None);
        return await WithInputsAsync(async () => await client.SubmitAsync(await CompleteAsync(client)));
    }

    /// <summary>Submits an array.</summary>
    public async Task<ArrayHandle> SubmitArrayAsync()
    {
        DroverClient client = await context.ConnectOrStartAsync(CancellationToken.None);
        return await WithInputsAsync(async () => await client.SubmitArrayAsync(new ArraySpec
        {
            Job = await CompleteAsync(client),
            Indices = request.Indices!,
            AtOnce = request.AtOnce,
        }));
    }

    /// <summary>
    /// Uploads and submits; once more from the beginning when the inputs are gone by then: a server that is killed forgets
    /// those that were not on its disk yet.
    /// </summary>
    public static async Task<T> WithInputsAsync<T>(Func<Task<T>> submit)
    {
        try
        {
            return await submit();
        }
        catch (RequestRefusedException e) when (e.Code == "inputsMissing")
        {
            return await submit();
        }
    }

    /// <summary>What to say when the result of an earlier job is given back.</summary>
    public static string ReuseNotice(JobInfo job, DateTimeOffset now) =>
        $"job {job.Id} did the same {(job.End is { } end ? JobText.Ago(end.At, now) : "before")} and succeeded: this is its result; --force runs it anew";

    /// <summary>The job with what has to be asked of the server, or sent to it, before it can be submitted.</summary>
    public async Task<JobSpec> CompleteAsync(DroverClient client)
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

        return request.Inputs.Count == 0 ? spec : spec with { Inputs = await UploadAsync(client) };
    }

    private async Task<string> UploadAsync(DroverClient client)
    {
        var report = new TransferReport(context, "uploading");
        try
        {
            return await client.UploadInputsAsync(
                request.Inputs.Select(i => new UploadSource(i.Path) { Path = i.Name.Length == 0 ? "." : i.Name, FollowLinks = request.FollowsLinks }), report);
        }
        finally
        {
            report.End();
        }
    }
}
