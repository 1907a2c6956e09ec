namespace Drover.Server.Supervision;

/// <summary>A job or an array that waits for others: until all of its dependencies are met, or one cannot be any more.</summary>
internal sealed class DependencyWait
{
    private readonly LinkedList<Part> _open = new();
    private readonly Event _isSettled;

    /// <param name="who">Who waits, for the tree.</param>
    internal DependencyWait(string who) => _isSettled = new Event($"dependencies of {who}");

    /// <summary>Why one of them cannot be met any more; null while all can, or are.</summary>
    internal string? WhyNot { get; private set; }

    /// <summary>What it waits for, in words.</summary>
    internal string? Situation => (_open.First?.Value.Present as Verdict.Open)?.For
        + (_open.Count > 1 ? $", and for {_open.Count - 1} more" : "");

    /// <summary>Adds a dependency on something that changes.</summary>
    /// <param name="judge">Where it stands now.</param>
    /// <param name="dependents">Those who are told when that may have changed.</param>
    internal void Add(Func<Verdict> judge, Dependents dependents) => new Part(this, judge, dependents).Judge();

    /// <summary>Adds a dependency of which it is known where it stands for good.</summary>
    internal void Add(Verdict verdict)
    {
        if (verdict is Verdict.Unmet unmet)
        {
            WhyNot ??= unmet.Why;
        }
    }

    /// <summary>Waits until all are met or one cannot be; whoever waits leaves in the end, whatever happens.</summary>
    internal async Task SettledAsync()
    {
        try
        {
            while (_open.Count > 0 && WhyNot is null)
            {
                _isSettled.Reset(); // All that were added so far may have been met before the others were.
                await _isSettled.WaitAsync("the ends of other jobs");
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Nothing is to be told any more.</summary>
    internal void Leave()
    {
        while (_open.First is { } part)
        {
            part.Value.Close();
        }
    }

    /// <summary>One dependency.</summary>
    internal sealed class Part(DependencyWait wait, Func<Verdict> judge, Dependents dependents)
    {
        private LinkedListNode<Part>? _place;

        /// <summary>Where it stands now.</summary>
        internal Verdict Present => judge();

        /// <summary>Looks where it stands, after something became of what it is about.</summary>
        internal void Judge()
        {
            Verdict verdict = judge();
            if (verdict is Verdict.Open)
            {
                if (_place is null)
                {
                    _place = wait._open.AddLast(this);
                    dependents.Add(this);
                }

                return;
            }

            Close();
            wait.Add(verdict);
            if (wait._open.Count == 0 || wait.WhyNot is not null)
            {
                wait._isSettled.Set();
            }
        }

        internal void Close()
        {
            if (_place is not null)
            {
                wait._open.Remove(_place);
                dependents.Remove(this);
                _place = null;
            }
        }
    }
}
