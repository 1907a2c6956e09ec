using System.Net;

namespace Drover.Agent.Connections;

/// <summary>A server does not accept the agent's token.</summary>
/// <param name="status">What it answered.</param>
/// <param name="inner">What it came from.</param>
internal sealed class TokenRefusedException(HttpStatusCode status, Exception inner)
    : Exception($"The server does not accept the token of this agent (HTTP {(int)status}).", inner);
