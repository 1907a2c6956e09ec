namespace Drover.Bench.Runtime;

/// <summary>How a case is measured.</summary>
internal enum CaseKind
{
    /// <summary>The peer measures itself and prints what it found.</summary>
    SelfMeasured,

    /// <summary>The load generator drives the peer's echo server.</summary>
    EchoRequests,

    /// <summary>The load generator opens connections to the peer's echo server and leaves them idle.</summary>
    EchoIdle,
}
