namespace Drover.Bench.Cases.Drover;

/// <summary>Drover.Coroutines itself. A case that is not listed here is reported as not supported.</summary>
internal static class DroverPeer
{
    public static PeerProgram Program { get; } = new(
        new Dictionary<string, Func<Task<Measurement>>>(StringComparer.Ordinal),
        RunEchoServer: null);
}
