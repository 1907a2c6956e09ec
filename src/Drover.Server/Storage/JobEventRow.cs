namespace Drover.Server.Storage;

/// <summary>A line of the audit trail, with the job that it is about.</summary>
internal sealed record JobEventRow
{
    /// <summary>Which job.</summary>
    public required JobId Job { get; init; }

    /// <summary>Whose job.</summary>
    public required string User { get; init; }

    /// <inheritdoc cref="JobEvent.Sequence"/>
    public required long Sequence { get; init; }

    /// <inheritdoc cref="JobEvent.At"/>
    public required DateTimeOffset At { get; init; }

    /// <inheritdoc cref="JobEvent.Attempt"/>
    public required int Attempt { get; init; }

    /// <inheritdoc cref="JobEvent.Kind"/>
    public required JobEventKind Kind { get; init; }

    /// <inheritdoc cref="JobEvent.State"/>
    public required JobState State { get; init; }

    /// <inheritdoc cref="JobEvent.Actor"/>
    public required string Actor { get; init; }

    /// <inheritdoc cref="JobEvent.Cause"/>
    public required string Cause { get; init; }

    /// <inheritdoc cref="JobEvent.Evidence"/>
    public string? Evidence { get; init; }
}
