namespace Drover.Samples;

/// <summary>A race, a timeout, and a clean-up that may not be canceled.</summary>
/// <remarks>
/// Notice:
/// - FirstAsync returns when the losers have ended too: what they hold is free again in the next line.
/// - A timeout says what was being waited for when the time was over. As an outcome it needs no catch.
/// - A canceled scope ends every wait inside it, also those in a finally block. Clean-up that has to wait does so in a
///   shield, with a time of its own.
/// </remarks>
internal sealed class Race(TextWriter output)
{
    private readonly long _start = EventLoop.Current.Time.GetTimestamp();

    public async Task RunAsync()
    {
        string winner = await TaskGroup.FirstAsync(
            () => DownloadAsync("Oslo", milliseconds: 300),
            () => DownloadAsync("Lima", milliseconds: 200),
            () => DownloadAsync("Pune", milliseconds: 400));
        Say($"the file came from {winner}");

        Outcome<string> late = await CancelScope.MoveOnAfterAsync(
            TimeSpan.FromMilliseconds(100), () => DownloadAsync("the moon", milliseconds: 1300), "patience");
        Say($"no file: {late.Reason}");

        Outcome payment = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(100), PayAsync);
        Say($"the payment is over: {payment.Reason}");
    }

    private async Task<string> DownloadAsync(string mirror, int milliseconds)
    {
        try
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(milliseconds), $"the file from {mirror}");
            return mirror;
        }
        finally
        {
            Say($"the connection to {mirror} is closed");
        }
    }

    private async Task PayAsync()
    {
        Say("the money is reserved");
        try
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(5), "the bank to answer");
        }
        finally
        {
            await CancelScope.ShieldAsync(TimeSpan.FromSeconds(2), GiveBackAsync);
        }
    }

    private async Task GiveBackAsync()
    {
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(500), "the money to be given back");
        Say("the money is given back");
    }

    private void Say(string what) => output.WriteLine($"{EventLoop.Current.Time.GetElapsedTime(_start).TotalSeconds:0.0} s  {what}");
}
