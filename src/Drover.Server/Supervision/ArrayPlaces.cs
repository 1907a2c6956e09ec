namespace Drover.Server.Supervision;

/// <summary>
/// The places of an array: so many of its jobs may be on their way at once. They are given as CPUs are: higher priority
/// first, then the order of the indices, so that a job that is tried again goes before those that have never begun.
/// Belongs to the supervision loop.
/// </summary>
internal sealed class ArrayPlaces
{
    private readonly JobId _array;
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly Dictionary<LiveJob, LinkedListNode<Waiter>> _nodes = [];
    private int? _count;
    private int _taken;

    /// <param name="array">The array, for the tree.</param>
    /// <param name="count">How many there are; null for as many as are wanted.</param>
    internal ArrayPlaces(JobId array, int? count)
    {
        _array = array;
        _count = count;
    }

    /// <summary>What a job that has none waits for.</summary>
    internal string Situation => $"waiting for {(_count == 1 ? "the only place" : $"one of {_count} places")} of array {_array}";

    /// <summary>How many are taken.</summary>
    internal int Taken => _taken;

    /// <summary>The jobs that wait for one, the next first.</summary>
    internal IEnumerable<LiveJob> Waiters => _waiters.Select(waiter => waiter.Job);

    /// <summary>How many wait.</summary>
    internal int Waiting => _waiters.Count;

    /// <summary>Whether one waits although there is a place: never, between two steps of the loop.</summary>
    internal bool KeepsOneWaitingForNothing => _waiters.Count > 0 && IsFree;

    /// <summary>Waits until it is the job's turn and there is a place, and takes it.</summary>
    /// <exception cref="ScopeCanceledException">The scope is canceled; nothing is taken.</exception>
    internal async ValueTask<IDisposable> AcquireAsync(LiveJob job)
    {
        if (_waiters.Count == 0 && IsFree)
        {
            return Grant();
        }

        LinkedListNode<Waiter> node = new(new Waiter(job, new Event($"place for job {job.Id}")));
        _nodes.Add(job, node);
        Insert(node);
        job.WaitsFor(() => Situation);
        try
        {
            await node.Value.Turn.WaitAsync($"a place in array {_array}");
        }
        catch
        {
            Leave(node);
            throw;
        }
        finally
        {
            job.WaitsFor(null);
        }

        return node.Value.Place!;
    }

    /// <summary>Takes one for a job that runs already, whether it is free or not.</summary>
    internal IDisposable TakeForRunning() => Grant();

    /// <summary>Changes how many there are. What is taken stays taken.</summary>
    internal void Resize(int? count)
    {
        _count = count;
        Serve();
    }

    /// <summary>The priority of a job was changed: if it waits, its turn is another one.</summary>
    internal void Reorder(LiveJob job)
    {
        if (_nodes.TryGetValue(job, out LinkedListNode<Waiter>? node))
        {
            _waiters.Remove(node);
            Insert(node);
        }
    }

    private bool IsFree => _count is not { } count || _taken < count;

    private Place Grant()
    {
        _taken++;
        return new Place(this);
    }

    /// <summary>From the end, since nearly always the newest job comes last.</summary>
    private void Insert(LinkedListNode<Waiter> node)
    {
        LinkedListNode<Waiter>? before = _waiters.Last;
        while (before is not null && CpuQueue.GoesBefore(node.Value.Job, before.Value.Job))
        {
            before = before.Previous;
        }

        if (before is null)
        {
            _waiters.AddFirst(node);
        }
        else
        {
            _waiters.AddAfter(before, node);
        }
    }

    /// <summary>The wait was canceled. When its turn had come just then, it gives back what it got.</summary>
    private void Leave(LinkedListNode<Waiter> node)
    {
        if (node.Value.Place is { } place)
        {
            place.Dispose();
        }
        else
        {
            Remove(node);
        }
    }

    private void Remove(LinkedListNode<Waiter> node)
    {
        _waiters.Remove(node);
        _nodes.Remove(node.Value.Job);
    }

    private void Serve()
    {
        while (IsFree && _waiters.First is { } first)
        {
            Remove(first);
            first.Value.Place = Grant();
            first.Value.Turn.Set();
        }
    }

    private sealed record Waiter(LiveJob Job, Event Turn)
    {
        internal Place? Place { get; set; }
    }

    private sealed class Place(ArrayPlaces places) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                places._taken--;
                places.Serve();
            }
        }
    }
}
