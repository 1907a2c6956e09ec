namespace Drover.Coroutines;

/// <summary>
/// One or more members of a task group failed. Every error is kept, none twice, in the order in which they
/// happened, as <see cref="AggregateException.InnerExceptions"/>.
/// </summary>
public sealed class TaskGroupException(string group, IEnumerable<Exception> errors)
    : AggregateException($"In {group}", errors);
