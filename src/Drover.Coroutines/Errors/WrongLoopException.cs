namespace Drover.Coroutines;

/// <summary>An object that belongs to one event loop was touched from another thread or loop.</summary>
public sealed class WrongLoopException(string message) : CoroutineException(message);
