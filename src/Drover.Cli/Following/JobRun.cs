using Drover.Cli.Consoles;
using Drover.Cli.Text;

namespace Drover.Cli.Following;

/// <summary>Stands for a job as if it ran here: its output, its progress, Ctrl-C, and its exit code.</summary>
internal sealed class JobRun(JobHandle handle, JobInfo submitted, Surroundings surroundings, Action<JobInfo>? changed)
{
    private readonly Terminal _terminal = surroundings.Terminal;
    private readonly ProgressReport _report = new(surroundings.Terminal, surroundings.Time);

    /// <summary>Returns when the job has ended and all it wrote is passed on, or when the user has turned away.</summary>
    public async Task<int> RunAsync()
    {
        using var detach = new CancellationTokenSource();
        using IDisposable listening = surroundings.Interrupts.Listen();
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
            _terminal.Say($"job {handle.Id} goes on; `drover log -f {handle.Id}` follows it, `drover cancel {handle.Id}` ends it");
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
        if (!ending.IsSuccess)
        {
            _terminal.Say($"job {job.Id} {Plain.Escape(ending.ToString()!).TrimEnd('.')}; `drover explain {job.Id}` tells more");
        }

        return ending.ExitCode;
    }

    /// <summary>Reports every change until the job has ended.</summary>
    private async Task<JobInfo> WatchAsync(CancellationToken cancellationToken)
    {
        JobInfo job = submitted;
        while (job.End is null)
        {
            _report.Show(job);

            // The situation changes without a new revision, so while there is one it is asked for every other second.
            TimeSpan wait = TimeSpan.FromSeconds(job.State == JobState.Running && job.Situation is null ? 30 : 2);
            long known = job.Revision;
            job = await handle.WaitForChangeAsync(known, wait, cancellationToken);
            if (job.Revision != known)
            {
                changed?.Invoke(job);
            }
        }

        _report.End();
        return job;
    }

    private async Task<long> CopyAsync(OutputKind kind, CancellationToken cancellationToken)
    {
        try
        {
            return await handle.CopyLogAsync(kind, new PassedOn(_terminal, kind), follow: true, cancellationToken: cancellationToken);
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
        Interrupts interrupts = surroundings.Interrupts;
        await Task.WhenAny(interrupts.First, all);
        if (all.IsCompleted)
        {
            return;
        }

        _terminal.Say($"canceling job {handle.Id}; Ctrl-C again leaves it to end by itself");
        Task cancel = CancelJobAsync(detach.Token);
        await Task.WhenAny(interrupts.Second, all);
        await detach.CancelAsync();
        await cancel;
    }

    private async Task CancelJobAsync(CancellationToken cancellationToken)
    {
        try
        {
            await handle.CancelAsync(new CancelRequest { Why = "Ctrl-C in drover run" }, cancellationToken);
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
