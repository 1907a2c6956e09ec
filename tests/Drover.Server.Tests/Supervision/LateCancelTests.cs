using Microsoft.Extensions.Logging;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

/// <summary>A cancel that comes while the end of its job is on its way to the disk. Found by fuzzing the API.</summary>
public sealed class LateCancelTests : IDisposable
{
    private readonly CollectedLog _log = new();
    private readonly Servers _servers;

    public LateCancelTests() => _servers = new Servers { Log = _log };

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void A_cancel_that_comes_just_after_the_end_gets_the_true_ending_and_leaves_no_error_in_the_log()
    {
        _servers.Run(async server =>
        {
            var agent = new ScriptedAgent(server, User);
            await agent.ConnectAsync();
            for (int turns = 0; turns < 20; turns++) // After some of them the end is being written, and not yet known to be.
            {
                JobInfo job = await server.SubmitAsync(Alice, Spec());
                AttemptId attempt = (await agent.NextRunAsync()).Attempt;
                agent.Started(attempt);
                await StateAsync(server, job, JobState.Running);
                agent.Ended(attempt, new Ending.Exited(0));
                for (int i = 0; i < turns; i++)
                {
                    await Coroutine.YieldAsync();
                }

                await server.CancelAsync(Alice, job.Id, new CancelRequest());
                Assert.Equal(new Ending.Exited(0), (await EndAsync(server, job)).End!.Ending);
            }
        });
        Assert.Contains(_log.Lines, line => line.Text.StartsWith("A commit was refused", StringComparison.Ordinal)); // One came so late.
        Assert.DoesNotContain(_log.Lines, line => line.Level >= LogLevel.Warning);
    }

    private sealed class CollectedLog : ILogger
    {
        private readonly Lock _lock = new();
        private readonly List<(LogLevel Level, string Text)> _lines = [];

        internal IReadOnlyList<(LogLevel Level, string Text)> Lines
        {
            get
            {
                lock (_lock)
                {
                    return [.. _lines];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lock)
            {
                _lines.Add((logLevel, formatter(state, exception)));
            }
        }
    }
}
