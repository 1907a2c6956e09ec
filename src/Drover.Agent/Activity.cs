namespace Drover.Agent;

/// <summary>Whether the agent has anything to do: attempts that the server has not settled, and ops.</summary>
internal sealed class Activity
{
    private int _count;

    internal Activity() => Quiet.Set();

    /// <summary>Set while there is nothing to do.</summary>
    internal Event Quiet { get; } = new("quiet");

    /// <summary>Set when something began; reset by whoever watches.</summary>
    internal Event Stirred { get; } = new("work");

    /// <summary>Something begins.</summary>
    internal void Begin()
    {
        _count++;
        Quiet.Reset();
        Stirred.Set();
    }

    /// <summary>Something is over.</summary>
    internal void End()
    {
        if (--_count == 0)
        {
            Quiet.Set();
        }
    }
}
