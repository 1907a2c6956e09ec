namespace Drover.Server.Hosting;

/// <summary>A hosted server cannot start. The message says why and what to do; nothing of it is left.</summary>
/// <param name="message">Why, in sentences; for a configuration with mistakes a line for each.</param>
/// <param name="inner">What it came from.</param>
public sealed class DroverStartException(string message, Exception inner) : Exception(message, inner);
