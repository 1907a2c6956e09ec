namespace Drover.Bench.Runtime.Cases;

/// <summary>A peer that is written in C# and lives in this executable.</summary>
/// <param name="Cases">The cases that the peer supports, by name. Each runs in a fresh process, once.</param>
/// <param name="RunEchoServer">
/// Listens on a free loopback port, announces it, and serves until the process ends. It is called on a
/// thread of its own, so it may block. Null when the peer has no echo server.
/// </param>
internal sealed record PeerProgram(
    IReadOnlyDictionary<string, Func<Task<Measurement>>> Cases,
    Func<Action<int>, Task>? RunEchoServer);
