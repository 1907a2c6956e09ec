using Drover.Cli.Commands;
using Drover.Cli.Text;

namespace Drover.Cli.Following;

/// <summary>What Ctrl-C does to what one waits for: the first cancels it, the second one ends the waiting.</summary>
/// <param name="context">The command.</param>
/// <param name="what">What is waited for: <c>job 17</c>.</param>
/// <param name="id">Its number.</param>
/// <param name="cancel">Asks the server to end it.</param>
internal sealed class CtrlC(CommandContext context, string what, JobId id, Func<CancelRequest, CancellationToken, Task> cancel)
{
    /// <summary>How long a cancel that was sent is given to be answered when nobody wants to wait any more.</summary>
    private static readonly TimeSpan s_answer = TimeSpan.FromSeconds(2);

    private bool _isAskedToEnd;

    /// <summary>Listens until what is waited for is over; cancels <paramref name="detach"/> with the second one.</summary>
    public async Task ListenAsync(Task over, CancellationTokenSource detach)
    {
        Interrupts interrupts = context.Surroundings.Interrupts;
        await Task.WhenAny(interrupts.First, over);
        if (over.IsCompleted)
        {
            return;
        }

        context.Hint($"canceling {what}; Ctrl-C again to not wait for its end");
        using var enough = new CancellationTokenSource();
        Task asking = AskAsync(enough.Token);
        await Task.WhenAny(interrupts.Second, over);
        await detach.CancelAsync();
        enough.CancelAfter(s_answer);
        await asking;
    }

    /// <summary>Says what becomes of it when nobody waits for it any more.</summary>
    public void TellThatNobodyWaits() => context.Hint(_isAskedToEnd
        ? $"{what} is asked to end; `drover wait {id}` waits until it has"
        : $"whether {what} was canceled is not known: `drover show {id}` says it, `drover cancel {id}` does it");

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            await cancel(new CancelRequest { Why = "Ctrl-C in drover run" }, cancellationToken);
            _isAskedToEnd = true;
        }
        catch (DroverException e)
        {
            context.Hint($"{what} could not be canceled: {Plain.EscapeLines(e.Message)}");
        }
        catch (OperationCanceledException)
        {
            // Turned away before the server answered.
        }
    }
}
