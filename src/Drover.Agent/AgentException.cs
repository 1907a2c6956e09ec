namespace Drover.Agent;

/// <summary>An agent cannot begin. The message says what is wrong and what to do.</summary>
/// <param name="message">One sentence.</param>
/// <param name="inner">What it came from.</param>
internal sealed class AgentException(string message, Exception? inner = null) : Exception(message, inner);
