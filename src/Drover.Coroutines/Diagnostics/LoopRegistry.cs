using System.Collections.Concurrent;

namespace Drover.Coroutines;

/// <summary>The loops of the process that have not ended, for the meters and the watchdog.</summary>
internal static class LoopRegistry
{
    private static readonly ConcurrentDictionary<EventLoop, bool> s_loops = new();

    internal static ICollection<EventLoop> Loops => s_loops.Keys;

    internal static void Add(EventLoop loop) => s_loops.TryAdd(loop, true);

    internal static void Remove(EventLoop loop) => s_loops.TryRemove(loop, out _);
}
