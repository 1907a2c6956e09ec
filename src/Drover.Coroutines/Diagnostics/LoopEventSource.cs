using System.Diagnostics.Tracing;

namespace Drover.Coroutines;

/// <summary>The event source "Drover-Coroutines": what a loop reports, and the starts and ends of its coroutines.</summary>
[EventSource(Name = "Drover-Coroutines")]
internal sealed class LoopEventSource : EventSource
{
    internal static readonly LoopEventSource Log = new();

    [Event(1, Level = EventLevel.Informational)]
    public void LoopStarted(string loop) => WriteEvent(1, loop);

    [Event(2, Level = EventLevel.Informational)]
    public void LoopEnded(string loop) => WriteEvent(2, loop);

    [Event(3, Level = EventLevel.Warning)]
    public void Reported(string loop, string report) => WriteEvent(3, loop, report);

    [Event(4, Level = EventLevel.Verbose)]
    public void CoroutineStarted(string loop, int id, string name) => WriteEvent(4, loop, id, name);

    [Event(5, Level = EventLevel.Verbose)]
    public void CoroutineEnded(string loop, int id, string name) => WriteEvent(5, loop, id, name);
}
