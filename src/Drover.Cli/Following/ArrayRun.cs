using Drover.Cli.Commands;
using Drover.Cli.Text;

namespace Drover.Cli.Following;

/// <summary>Waits for an array as for one program: how far it is, Ctrl-C, and an exit code. What its jobs write stays in their logs.</summary>
internal sealed class ArrayRun(ArrayHandle handle, CommandContext context)
{
    private const int MostFailures = 5;
    private static readonly string s_success = new Ending.Exited(0).ToString()!;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Returns when all its jobs have ended, or when the user has turned away.</summary>
    public async Task<int> RunAsync()
    {
        using var detach = new CancellationTokenSource();
        using IDisposable listening = context.Surroundings.Interrupts.Listen();
        Task<ArrayInfo> ended = handle.WaitAsync(detach.Token);
        var interrupts = new CtrlC(context, $"array {handle.Id}", handle.Id, handle.CancelAsync);
        Task interrupted = interrupts.ListenAsync(ended, detach);
        Task progress = ShowAsync(ended, detach.Token);
        try
        {
            await ended;
        }
        catch (OperationCanceledException) when (detach.IsCancellationRequested)
        {
            context.Terminal.Live("");
            interrupts.TellThatNobodyWaits();
            return ExitCodes.Canceled;
        }
        finally
        {
            await detach.CancelAsync();
            await interrupted;
            await progress;
            context.Terminal.Live("");
        }

        ArrayInfo array = await ended;
        if (context.IsJson)
        {
            context.WriteJson(array, ProtocolJson.Default.ArrayInfo);
        }

        context.Hint($"array {array.Id} has ended: {ArrayText.Counts(array)}");
        if (array.Failed > 0)
        {
            await TellFailuresAsync(array);
        }

        return array.ExitCode;
    }

    /// <summary>Some of those that did not succeed, by how they ended: one request, however many there are.</summary>
    private async Task TellFailuresAsync(ArrayInfo array)
    {
        (int Index, string How)[] some =
            [.. (await handle.ExplainAsync()).Endings
                .Where(group => group.What != s_success)
                .SelectMany(group => group.Examples.Select(index => (index, group.What)))
                .OrderBy(one => one.index).Take(MostFailures)];
        foreach ((int index, string how) in some)
        {
            context.Hint($"job {handle.Id}_{index} {Plain.Escape(how).TrimEnd('.')}; `drover explain {handle.Id}_{index}` tells more");
        }

        if (array.Failed > some.Length)
        {
            context.Hint($"{array.Failed - some.Length} more failed; `drover list --array {handle.Id}` shows them");
        }
    }

    private async Task ShowAsync(Task ended, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_interval, context.Surroundings.Time);
        try
        {
            while (context.Terminal.IsErrorTerminal && !context.IsJson && !ended.IsCompleted)
            {
                ArrayInfo array = await handle.GetAsync(cancellationToken);
                string elapsed = JobText.Whole(context.Now - array.SubmittedAt);
                string situation = array.Situation is { Length: > 0 } text ? $" · {Plain.Escape(text)}" : "";
                context.Terminal.Live($"array {array.Id} {elapsed} · {ArrayText.Progress(array)} of {ArrayText.Counts(array)}{situation}");
                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or DroverException)
        {
            // Over; or the wait itself says what is wrong.
        }
    }
}
