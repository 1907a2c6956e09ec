namespace Drover.Protocol.Servers;

/// <summary>One thing that a server needs for its work.</summary>
/// <param name="Name"><c>loop</c> (it takes requests), <c>store</c> (the database answers and can be written), <c>disk</c> (there is room).</param>
/// <param name="IsHealthy">Whether it is as it should be.</param>
/// <param name="Detail">What was seen, in words; no paths, names or secrets.</param>
public sealed record HealthCheck(string Name, bool IsHealthy, string Detail);
