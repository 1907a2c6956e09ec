using System.Text.Json;
using Drover.Client.Http;

namespace Drover.Client;

/// <content>Arrays and workflows.</content>
public sealed partial class DroverClient
{
    /// <summary>
    /// Submits an array of jobs that differ by an index: all of them, or none. When this returns they are on the server's
    /// disk. Repeatable, as <see cref="SubmitAsync(JobSpec, SubmitOptions?, CancellationToken)"/>.
    /// </summary>
    /// <exception cref="RequestRefusedException">What is asked for cannot be had; nothing was changed.</exception>
    public async Task<ArrayHandle> SubmitArrayAsync(ArraySpec spec, SubmitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(spec, ProtocolJson.Default.ArraySpec);
        ArrayInfo array = await Connection.SendAsync(
            ApiRequest.Submit("api/v1/arrays", json, options, spec.Job?.Inputs is not null), ClientJson.Tolerant.ArrayInfo, cancellationToken);
        return Array(array.Id);
    }

    /// <summary>
    /// Submits jobs that depend on each other: all of them, or none. When this returns they are on the server's disk, with
    /// the numbers that it tells. Repeatable, as <see cref="SubmitAsync(JobSpec, SubmitOptions?, CancellationToken)"/>.
    /// </summary>
    /// <exception cref="RequestRefusedException">
    /// A step cannot be had, or they depend on each other in a circle; nothing was changed.
    /// </exception>
    public Task<WorkflowInfo> SubmitWorkflowAsync(
        Workflow workflow, SubmitOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(workflow, ProtocolJson.Default.Workflow);
        return Connection.SendAsync(
            ApiRequest.Submit("api/v1/workflows", json, options, workflow.Steps.Any(step => step?.Job?.Inputs is not null)), ClientJson.Tolerant.WorkflowInfo, cancellationToken);
    }

    /// <summary>An array, by its number. Asks the server nothing: whether there is such an array shows with the first verb.</summary>
    public ArrayHandle Array(JobId id) => new(this, id);

    /// <summary>
    /// A job as people name it: by its number, or by its place in an array, such as <c>17_3</c>. Only for the latter the
    /// server is asked. Repeatable.
    /// </summary>
    /// <exception cref="JobNotFoundException">There is no such place, or it is another user's.</exception>
    public async Task<JobHandle> FindJobAsync(JobRef job, CancellationToken cancellationToken = default)
    {
        if (job.Index is null)
        {
            return Job(job.Number);
        }

        try
        {
            JobInfo found = await Connection.SendAsync(ApiRequest.Get($"api/v1/jobs/{job}"), ClientJson.Tolerant.JobInfo, cancellationToken);
            return Job(found.Id);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw new JobNotFoundException(job.Number, e);
        }
    }
}
