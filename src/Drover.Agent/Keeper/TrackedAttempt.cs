using Drover.Agent.Drivers;

namespace Drover.Agent.Keeper;

/// <summary>What the agent knows of an attempt with its keeper, and what it wants of it.</summary>
internal sealed class TrackedAttempt(AttemptId id)
{
    private AttemptRecord? _record;

    /// <summary>What the keeper's records say; null while the order to start it is on its way.</summary>
    internal AttemptRecord? Record
    {
        get => _record;
        set
        {
            _record = value;
            if (value?.End is not null)
            {
                Order = null;
                Stop = null;
                Ended.Set();
                StopTaken.Set();
            }

            if (value?.ProcessId is not null || value?.End is not null)
            {
                Known.Set();
            }
        }
    }

    /// <summary>The order to start it, while the keeper may not have it.</summary>
    internal RunOrder? Order { get; set; }

    /// <summary>The order to stop it, while a keeper may not have it: without a record, until it has ended.</summary>
    internal StopOrder? Stop { get; set; }

    /// <summary>Set when it has started or ended.</summary>
    internal Event Known { get; } = new($"start of {id}");

    /// <summary>Set when it has ended.</summary>
    internal Event Ended { get; } = new($"end of {id}");

    /// <summary>Set while no order to stop it is on its way.</summary>
    internal Event StopTaken { get; } = new($"order to stop {id}");
}
