namespace Drover.Server;

/// <summary>The server cannot be started; the message says why and what to do.</summary>
/// <param name="message">One sentence.</param>
/// <param name="inner">What it came from.</param>
internal sealed class ServerStartException(string message, Exception? inner = null) : Exception(message, inner);
