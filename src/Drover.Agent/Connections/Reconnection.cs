namespace Drover.Agent.Connections;

/// <summary>Connects, and connects again, for as long as the server would have the agent.</summary>
/// <param name="connect">Makes one connection and returns when it is over.</param>
/// <param name="backoff">The pauses between them.</param>
/// <param name="log">The agent's log.</param>
internal sealed class Reconnection(Func<Task<ConnectionEnd>> connect, Backoff backoff, AgentLog log)
{
    /// <summary>A server that keeps a connection for less is not well, and is not asked at once again and again.</summary>
    private static readonly TimeSpan s_stable = TimeSpan.FromSeconds(10);

    /// <summary>Returns when the server does not accept the agent.</summary>
    internal async Task<ConnectionEnd.NotAccepted> RunAsync()
    {
        string? said = null;
        while (true)
        {
            switch (await connect())
            {
                case ConnectionEnd.NotAccepted refusal:
                    return refusal;
                case ConnectionEnd.Lost lost:
                    if (lost.Lasted >= s_stable)
                    {
                        backoff.Reset();
                    }

                    if (lost.Why != said || lost.Lasted > TimeSpan.Zero)
                    {
                        log.Write($"{lost.Why} Tries again."); // Once: a server may be away for days.
                        said = lost.Why;
                    }

                    break;
            }

            await Coroutine.SleepAsync(backoff.Next(), "the next try to reach the server");
        }
    }
}
