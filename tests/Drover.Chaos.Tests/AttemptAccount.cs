namespace Drover.Chaos.Tests;

/// <summary>What Drover says of an attempt, and what it has of its output.</summary>
internal sealed record AttemptAccount(AttemptInfo Info, byte[] Output, byte[] Error);
