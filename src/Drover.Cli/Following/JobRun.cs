using Drover.Cli.Commands;
using Drover.Cli.Consoles;
using Drover.Cli.Submitting;
using Drover.Cli.Text;

namespace Drover.Cli.Following;

/// <summary>
/// Stands for a job as if it ran here: its output, its progress, Ctrl-C, and its exit code. With --json all of it is lines
/// on the output: the job after each change, what it writes, and at last the job with its ending.
/// </summary>
internal sealed class JobRun(JobHandle handle, JobInfo submitted, CommandContext context)
{
    private readonly Terminal _terminal = context.Terminal;
    private readonly Interrupts _interrupts = context.Surroundings.Interrupts;
    private readonly ProgressReport _report = new(context.Terminal, context.Surroundings.Time);
    private bool _isAskedToEnd;

    /// <summary>Returns when the job has ended and all it wrote is passed on, or when the user has turned away.</summary>
    public async Task<int> RunAsync()
    {
        if (submitted.IsReused)
        {
            context.Hint(Submission.ReuseNotice(submitted, context.Now));
        }

        WriteJson(submitted);
        using var detach = new CancellationTokenSource();
        using IDisposable listening = _interrupts.Listen();
        Task<JobInfo> ended = WatchAsync(detach.Token);
        Task<long> output = CopyAsync(OutputKind.Output, detach.Token);
        Task<long> error = CopyAsync(OutputKind.Error, detach.Token);
        Task all = Task.WhenAll(ended, output, error);
        Task interrupts = CancelOnInterruptAsync(all, detach);
        Task tick = _report.TickAsync(all);
        try
        {
            await all;
        }
        catch (OperationCanceledException) when (detach.IsCancellationRequested)
        {
            _report.End();
            context.Hint(_isAskedToEnd
                ? $"job {handle.Id} is asked to end; `drover wait {handle.Id}` waits until it has"
                : $"whether job {handle.Id} was canceled is not known: `drover show {handle.Id}` says it, `drover cancel {handle.Id}` does it");
            return ExitCodes.Canceled;
        }
        finally
        {
            _report.End();
            await detach.CancelAsync();
            await interrupts;
            await tick;
        }

        JobInfo job = await ended;
        Ending ending = job.End!.Ending;
        WriteJson(job);
        if (!ending.IsSuccess)
        {
            context.Hint($"job {job.Id} {Plain.Escape(ending.ToString()!).TrimEnd('.')}; `drover explain {job.Id}` tells more");
        }

        return ending.ExitCode;
    }

    /// <summary>Reports every change until the job has ended.</summary>
    private async Task<JobInfo> WatchAsync(CancellationToken cancellationToken)
    {
        JobInfo job = submitted;
        while (job.End is null)
        {
            if (!context.IsJson)
            {
                _report.Show(job);
            }

            // The situation changes without a new revision, so while there is one it is asked for every other second.
            TimeSpan wait = TimeSpan.FromSeconds(job.State == JobState.Running && job.Situation is null ? 30 : 2);
            long known = job.Revision;
            job = await handle.WaitForChangeAsync(known, wait, cancellationToken);
            if (job.Revision != known && job.End is null)
            {
                WriteJson(job);
            }
        }

        _report.End();
        return job;
    }

    private async Task<long> CopyAsync(OutputKind kind, CancellationToken cancellationToken)
    {
        await using Stream destination = context.IsJson ? new JsonLines(_terminal, kind) : new PassedOn(_terminal, kind);
        try
        {
            return await handle.CopyLogAsync(kind, destination, follow: true, cancellationToken: cancellationToken);
        }
        catch (FileNotInJobException)
        {
            return 0;
        }
        catch (BrokenPipeException)
        {
            // As for a program whose reader has gone; but it is asked to end, not left to find out.
            await handle.CancelAsync(new CancelRequest { Why = "nobody reads its output any more" }, cancellationToken);
            throw;
        }
    }

    private async Task CancelOnInterruptAsync(Task all, CancellationTokenSource detach)
    {
        await Task.WhenAny(_interrupts.First, all);
        if (all.IsCompleted)
        {
            return;
        }

        context.Hint($"canceling job {handle.Id}; Ctrl-C again to not wait for its end");
        Task cancel = CancelJobAsync(detach.Token);
        await Task.WhenAny(_interrupts.Second, all);
        await detach.CancelAsync();
        await cancel;
    }

    private void WriteJson(JobInfo job)
    {
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
    }

    private async Task CancelJobAsync(CancellationToken cancellationToken)
    {
        try
        {
            await handle.CancelAsync(new CancelRequest { Why = "Ctrl-C in drover run" }, cancellationToken);
            _isAskedToEnd = true;
        }
        catch (DroverException e)
        {
            _terminal.Say($"job {handle.Id} could not be canceled: {e.Message}");
        }
        catch (OperationCanceledException)
        {
            // Turned away before the server answered.
        }
    }
}
