using Drover.Server.Inputs;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Supervision;

/// <content>The inputs of jobs.</content>
internal sealed partial class Supervisor
{
    private static readonly TimeSpan s_betweenSweeps = TimeSpan.FromHours(1);
    private InputManifests? _inputs;

    /// <summary>From now on inputs of jobs are looked at before they are accepted, and removed when nobody needs them any more.</summary>
    internal void KeepInputs(InputManifests manifests, InputStore store)
    {
        _inputs = manifests;
        _group.Start(() => SweepInputsAsync(manifests, store), "removal of unused inputs");
    }

    /// <summary>The inputs of an attempt that this agent was told to start; null when there is none.</summary>
    internal string? InputsOf(AttemptId attempt, string user, string site) =>
        Live(attempt.Job) is { } job && job.Attempt == attempt && job.Info.User == user && job.Info.Spec.Site == site && job.Info.State.WasSent()
            ? job.Info.Spec.Inputs
            : null;

    /// <summary>The inputs of an attempt are being sent to its agent.</summary>
    internal void AreSent(InputsSent sent)
    {
        if (Live(sent.Attempt.Job) is { } job && job.Attempt == sent.Attempt)
        {
            job.InputsSent = sent;
        }
    }

    /// <exception cref="RequestRefusedException">The inputs of one of the jobs are not there, or cannot be laid out.</exception>
    private async Task CheckInputsAsync(Caller caller, IEnumerable<JobSpec> specs)
    {
        if (_inputs is not null)
        {
            await _inputs.CheckAsync(caller.User, specs);
        }
    }

    private async Task SweepInputsAsync(InputManifests manifests, InputStore store)
    {
        while (true)
        {
            await Coroutine.SleepAsync(s_betweenSweeps, "the next look for unused inputs");
            try
            {
                (string, string)[] inUse =
                    [.. _jobs.Values.Where(job => job.Info.Spec.Inputs is not null).Select(job => (job.Info.User, job.Info.Spec.Inputs!)).Distinct()];
                HashSet<(string, string)> needed = await manifests.NeededAsync(inUse);
                int removed = await store.SweepAsync(_time.GetUtcNow() - _options.Inputs.Keep, needed);
                if (removed > 0)
                {
                    LogInputsRemoved(removed);
                }
            }
            catch (Exception e) when (e is Storage.StorageException or IOException or UnauthorizedAccessException or RequestRefusedException)
            {
                LogNotSwept(e.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} contents of inputs were removed: no job had used them for long")]
    private partial void LogInputsRemoved(int count);

    [LoggerMessage(LogLevel.Warning, "Unused inputs could not be removed: {Reason}")]
    private partial void LogNotSwept(string reason);
}
