using Drover.Agent.Connections;
using Drover.Agent.Drivers;

namespace Drover.Agent.Inputs;

/// <summary>Fetches the inputs of attempts and has them laid out. Belongs to the agent's loop.</summary>
/// <param name="driver">Lays them out.</param>
/// <param name="transport">The way to the server.</param>
/// <param name="log">The agent's log.</param>
internal sealed class InputFetch(IDriver driver, ITransport transport, AgentLog log)
{
    /// <summary>More at once would only share the same disk and the same connection.</summary>
    private const int MostAtOnce = 4;

    /// <summary>An answer that began and broke so often tells of more than the connection.</summary>
    private const int MostBreaks = 20;

    private readonly Slots _slots = new(MostAtOnce, "inputs");

    /// <summary>
    /// Returns when the inputs are laid out. While the server is away it tries again for ever. In a canceled scope it ends
    /// soon, and what is there stays.
    /// </summary>
    /// <exception cref="DriverException">They cannot be had, or not be laid out; the message says why.</exception>
    internal async Task RunAsync(RunOrder order)
    {
        using SlotLease slot = await _slots.AcquireAsync(situation: $"the inputs of {order.Attempt}");
        var backoff = new Backoff(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(10));
        for (int breaks = 0; breaks < MostBreaks;)
        {
            (Stream? archive, string? why) = await OpenAsync(order.Attempt);
            if (archive is not null)
            {
                await using (archive)
                {
                    why = await TryLayOutAsync(order, archive);
                }

                if (why is null)
                {
                    return;
                }

                breaks++;
            }

            log.Write(order.Attempt, $"has no inputs yet, tries again: {why}");
            await Coroutine.SleepAsync(backoff.Next(), "the next try to fetch its inputs");
        }

        throw new DriverException($"Its inputs did not come in {MostBreaks} tries: the connection broke each time.");
    }

    /// <summary>The archive, or why the server cannot be asked now.</summary>
    private async Task<(Stream? Archive, string? Why)> OpenAsync(AttemptId attempt)
    {
        try
        {
            return (await transport.OpenInputsAsync(attempt), null);
        }
        catch (Exception e) when (NetworkErrors.Include(e) || e is TokenRefusedException or UnauthorizedAccessException)
        {
            return (null, e.GetBaseException().Message);
        }
    }

    /// <summary>Null when all is laid out; otherwise how the connection broke.</summary>
    private async Task<string?> TryLayOutAsync(RunOrder order, Stream archive)
    {
        try
        {
            using CancellationTokenRegistration end = CancelScope.Current.Token.Register(archive.Dispose); // Ends a read that waits.
            await driver.LayOutAsync(order.RunDirectory, order.Spec.Inputs!, archive);
            return null;
        }
        catch (Exception e) when (CancelScope.Current.IsCanceled && e is not OperationCanceledException)
        {
            CancelScope.Current.ThrowIfCanceled(); // Whatever the broken read said: it was broken because of this.
            throw;
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
    }
}
