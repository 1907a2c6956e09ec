namespace Drover.Agent.Keeper;

/// <summary>Why the keeper ends an attempt. A closed choice.</summary>
internal abstract record StopCause
{
    private StopCause()
    {
    }

    /// <summary>Somebody wants it.</summary>
    /// <param name="By">Who.</param>
    /// <param name="Why">The reason they gave.</param>
    internal sealed record Ordered(string By, string? Why) : StopCause;

    /// <summary>Its time is over.</summary>
    /// <param name="Limit">How long it was allowed to run.</param>
    internal sealed record TimeOver(TimeSpan Limit) : StopCause;
}
