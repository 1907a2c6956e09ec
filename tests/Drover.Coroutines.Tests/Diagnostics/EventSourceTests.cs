using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Drover.Coroutines.Tests.Diagnostics;

public sealed class EventSourceTests
{
    [Fact]
    public void The_event_source_tells_starts_ends_and_reports()
    {
        using var listener = new Listener("traced");
        Assert.Throws<InvalidDataException>(() => Loops.Run(
            async () =>
            {
                await TaskGroup.SuperviseAsync(group =>
                {
                    group.Start(static () => throw new InvalidDataException("child"), "failing child");
                    return Task.CompletedTask;
                });
                throw new InvalidDataException("main");
            },
            Loops.RealTime with { Name = "traced", OnReport = static _ => { } }));
        Assert.Equal(
            [
                "LoopStarted traced",
                "CoroutineStarted traced main",
                "CoroutineStarted traced failing child",
                "Reported traced",
                "CoroutineEnded traced failing child",
                "CoroutineEnded traced main",
                "LoopEnded traced",
            ],
            listener.Events.Select(e => e.StartsWith("Reported", StringComparison.Ordinal) ? "Reported traced" : e));
        Assert.Contains(listener.Events, e => e.Contains("'failing child'", StringComparison.Ordinal) && e.Contains("child", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_is_put_into_words_when_nobody_listens()
    {
        var report = new CountingReport("test");
        Loops.Run(
            () =>
            {
                EventLoop.Current.Report(report);
                return Task.CompletedTask;
            },
            Loops.RealTime with { OnReport = static _ => { } });
        Assert.Equal(0, report.Shown);
    }

    private sealed record CountingReport(string Loop) : LoopReport(Loop)
    {
        internal int Shown { get; private set; }

        public override string ToString()
        {
            Shown++;
            return "";
        }
    }

    private sealed class Listener : EventListener
    {
        private readonly string _loop;

        internal Listener(string loop)
        {
            _loop = loop;
            foreach (EventSource source in EventSource.GetSources())
            {
                Enable(source);
            }
        }

        internal ConcurrentQueue<string> Events { get; } = [];

        protected override void OnEventSourceCreated(EventSource eventSource) => Enable(eventSource);

        protected override void OnEventWritten(EventWrittenEventArgs eventData)
        {
            if (eventData.Payload?[0] is string loop && loop == _loop)
            {
                Events.Enqueue($"{eventData.EventName} {string.Join(' ', eventData.Payload.Where(p => p is string))}");
            }
        }

        private void Enable(EventSource source)
        {
            if (source.Name == "Drover-Coroutines")
            {
                EnableEvents(source, EventLevel.Verbose);
            }
        }
    }
}
