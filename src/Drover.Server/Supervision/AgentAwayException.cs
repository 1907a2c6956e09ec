namespace Drover.Server.Supervision;

/// <summary>What was asked for is at an agent that is not connected.</summary>
internal sealed class AgentAwayException(string message) : Exception(message);
