namespace Drover.Client.Transfers;

/// <summary>The connection broke while an answer was read; never leaves the client.</summary>
internal sealed class BrokenBodyException(Exception inner) : Exception(inner.Message, inner);
