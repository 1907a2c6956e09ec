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
    private readonly ProgressReport _report = new(context.Terminal, context.Surroundings.Time);

    /// <summary>Returns when the job has ended and all it wrote is passed on, or when the user has turned away.</summary>
    public async Task<int> RunAsync()
    {
        if (submitted.IsReused)
        {
            context.Hint(Submission.ReuseNotice(submitted, context.Now));
        }

        WriteJson(submitted);
        using var detach = new CancellationTokenSource();
        using IDisposable listening = context.Surroundings.Interrupts.Listen();
        Task<JobInfo> ended = WatchAsync(detach.Token);
        Task<long> output = CopyAsync(OutputKind.Output, detach.Token);
        Task<long> error = CopyAsync(OutputKind.Error, detach.Token);
        Task all = Task.WhenAll(ended, output, error);
        var interrupts = new CtrlC(context, $"job {handle.Id}", handle.Id, handle.CancelAsync);
        Task interrupted = interrupts.ListenAsync(all, detach);
        Task tick = _report.TickAsync(all);
        try
        {
            await all;
        }
        catch (OperationCanceledException) when (detach.IsCancellationRequested)
        {
            _report.End();
            interrupts.TellThatNobodyWaits();
            return ExitCodes.Canceled;
        }
        finally
        {
            _report.End();
            await detach.CancelAsync();
            await interrupted;
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
            (long known, int attempt) = (job.Revision, job.Attempt);
            job = await handle.WaitForChangeAsync(known, wait, cancellationToken);
            if (job.Revision != known && job.End is null)
            {
                WriteJson(job);
            }

            await TellRetryAsync(attempt, job, cancellationToken);
        }

        _report.End();
        return job;
    }

    /// <summary>Says that an attempt is over and another one follows.</summary>
    private async Task TellRetryAsync(int before, JobInfo job, CancellationToken cancellationToken)
    {
        if (job.Attempt > before && !context.IsJson)
        {
            IReadOnlyList<AttemptInfo> attempts = await handle.AttemptsAsync(cancellationToken);
            for (int number = before; number < job.Attempt; number++) // One may have begun and ended since.
            {
                string how = attempts.FirstOrDefault(a => a.Number == number)?.End is { } end ? Plain.Escape(end.Ending.ToString()!) : "is over";
                _terminal.Say($"attempt {number} of job {job.Id} {how}; attempt {number + 1} follows");
            }
        }
    }

    private async Task<long> CopyAsync(OutputKind kind, CancellationToken cancellationToken)
    {
        await using Stream destination = context.IsJson ? new JsonLines(_terminal, kind) : new PassedOn(_terminal, kind);
        try
        {
            return await handle.FollowLogAsync(kind, destination, submitted.Spec.Retry is null ? null : submitted.Attempt, cancellationToken: cancellationToken);
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

    private void WriteJson(JobInfo job)
    {
        if (context.IsJson)
        {
            context.WriteJson(job, ProtocolJson.Default.JobInfo);
        }
    }
}
