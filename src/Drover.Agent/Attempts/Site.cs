using Drover.Agent.Connections;
using Drover.Agent.Drivers;
using Drover.Agent.Inputs;

namespace Drover.Agent.Attempts;

/// <summary>What every attempt of an agent shares.</summary>
/// <param name="Driver">Starts, watches and stops.</param>
/// <param name="Outbox">Takes what the server has to know.</param>
/// <param name="Forgetter">Takes those whose end the server knows.</param>
/// <param name="Inputs">Fetches their inputs.</param>
/// <param name="Log">The agent's log.</param>
/// <param name="Telemetry">Tells of what runs.</param>
internal sealed record Site(IDriver Driver, Outbox Outbox, Forgetter Forgetter, InputFetch Inputs, AgentLog Log, AgentTelemetry Telemetry)
{
    /// <summary>
    /// Does something until the driver can: what an agent asks of it may be asked again, and giving up would leave the
    /// attempt without anybody who looks after it.
    /// </summary>
    internal async Task<T> InsistAsync<T>(AttemptId attempt, string what, Func<Task<T>> call)
    {
        Backoff? backoff = null;
        while (true)
        {
            try
            {
                return await call();
            }
            catch (DriverException e)
            {
                backoff ??= new Backoff(TimeSpan.FromSeconds(0.1), TimeSpan.FromSeconds(10));
                Log.Write(attempt, $"cannot {what}, tries again: {e.Message}");
            }

            await Coroutine.SleepAsync(backoff.Next(), $"the next try to {what} it");
        }
    }
}
