using Drover.Server.Storage;

namespace Drover.Server.Api.Events;

/// <summary>The latest part of the audit trail, each event written once for all who watch.</summary>
internal sealed class RecentEvents
{
    private const int Most = 4096;

    private readonly List<(JobEventRow Row, byte[] Frame)> _events = [];

    /// <summary>The sequence of the last event that is not kept any more: all after it, up to <see cref="End"/>, is here.</summary>
    internal long Begin { get; private set; }

    /// <summary>The sequence of the last event.</summary>
    internal long End { get; private set; }

    /// <summary>Forgets everything; the next event is the one after this sequence.</summary>
    internal void BeginAfter(long sequence)
    {
        _events.Clear();
        Begin = End = sequence;
    }

    /// <summary>Gives back the memory.</summary>
    internal void Clear()
    {
        _events.Clear();
        _events.TrimExcess();
        Begin = End;
    }

    /// <summary>Adds the next event. False when it is here already.</summary>
    internal bool TryAdd(JobEventRow row)
    {
        if (row.Sequence <= End)
        {
            return false;
        }

        if (_events.Count == 2 * Most)
        {
            Begin = _events[Most - 1].Row.Sequence;
            _events.RemoveRange(0, Most);
        }

        _events.Add((row, EventFrame.Of(row)));
        End = row.Sequence;
        return true;
    }

    /// <summary>What a watcher has not had yet.</summary>
    internal IReadOnlyList<byte[]> TakeFor(EventWatch watch)
    {
        int first = _events.Count;
        while (first > 0 && _events[first - 1].Row.Sequence > watch.Position)
        {
            first--;
        }

        var rows = new List<JobEventRow>();
        var frames = new List<byte[]>();
        foreach ((JobEventRow row, byte[] frame) in _events.Skip(first).Where(one => watch.Concerns(one.Row)))
        {
            rows.Add(row);
            frames.Add(frame);
        }

        watch.Take(rows, Math.Max(watch.Position, End));
        return frames;
    }
}
