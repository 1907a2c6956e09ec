namespace Drover.Server.Supervision;

/// <summary>
/// What one user has of a site's CPUs: what they hold or is kept free for them, what they have used lately, and
/// the jobs that wait: higher priority first, then the order of submission. Belongs to the supervision loop.
/// </summary>
internal sealed class CpuShare(TimeProvider time)
{
    /// <summary>After this time half of what was used is forgotten.</summary>
    internal static readonly TimeSpan HalfLife = TimeSpan.FromHours(1);

    /// <summary>So much a CPU that is held counts beside its use.</summary>
    private const double SecondsOfOneHeld = 60;

    private static readonly double s_forgottenPerSecond = Math.Log(2) / HalfLife.TotalSeconds;

    private long _settledAt = time.GetTimestamp();
    private double _use;
    private int _held;

    /// <summary>The jobs that wait, in the order in which they are served.</summary>
    internal LinkedList<CpuWaiter> Line { get; } = new();

    /// <summary>CPU seconds, those of long ago for less.</summary>
    internal double RecentUse
    {
        get
        {
            double most = _held / s_forgottenPerSecond; // Where it comes to when they hold so many for ever.
            return most + ((_use - most) * Math.Exp(-s_forgottenPerSecond * time.GetElapsedTime(_settledAt).TotalSeconds));
        }
    }

    /// <summary>
    /// What is compared. With use alone, all CPUs that come free at one moment would go to one user: what they have been given
    /// just now has not been used yet.
    /// </summary>
    internal double Standing => RecentUse + (_held * SecondsOfOneHeld);

    /// <summary>The first that waits and does not ask for more than the site has; null when none does.</summary>
    internal LinkedListNode<CpuWaiter>? FirstThatCanRun(int capacity)
    {
        LinkedListNode<CpuWaiter>? place = Line.First;
        while (place is not null && place.Value.Job.Info.Spec.Cpus > capacity)
        {
            place = place.Next;
        }

        return place;
    }

    /// <summary>From now on they hold so many more, or fewer.</summary>
    internal void Hold(int more)
    {
        _use = RecentUse;
        _settledAt = time.GetTimestamp();
        _held += more;
    }

    /// <summary>From the end, since nearly always the newest job comes last.</summary>
    internal void Insert(LinkedListNode<CpuWaiter> place)
    {
        LinkedListNode<CpuWaiter>? before = Line.Last;
        while (before is not null && CpuQueue.GoesBefore(place.Value.Job, before.Value.Job))
        {
            before = before.Previous;
        }

        if (before is null)
        {
            Line.AddFirst(place);
        }
        else
        {
            Line.AddAfter(before, place);
        }
    }
}
