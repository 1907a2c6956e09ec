namespace Drover.Server.Inputs;

/// <summary>How much of the inputs of an attempt was sent to its agent. The request counts, whoever asks looks: any thread.</summary>
/// <param name="attempt">Which attempt.</param>
/// <param name="total">How much there is.</param>
internal sealed class InputsSent(AttemptId attempt, long total)
{
    private long _sent;

    /// <summary>Which attempt.</summary>
    internal AttemptId Attempt => attempt;

    /// <summary>Bytes were sent.</summary>
    internal void Add(long bytes) => Interlocked.Add(ref _sent, bytes);

    /// <summary>In words. What surrounds the contents was counted, too.</summary>
    public override string ToString() => $"{Quantities.Bytes(Math.Min(total, Interlocked.Read(ref _sent)))} of {Quantities.Bytes(total)}";
}
