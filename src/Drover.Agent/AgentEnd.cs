namespace Drover.Agent;

/// <summary>Why an agent ended.</summary>
/// <param name="Exit">For its exit code.</param>
/// <param name="Message">In a sentence.</param>
internal sealed record AgentEnd(AgentExit Exit, string Message);
