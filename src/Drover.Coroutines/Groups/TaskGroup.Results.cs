namespace Drover.Coroutines;

/// <content>Results by name.</content>
public sealed partial class TaskGroup
{
    private Dictionary<string, Coroutine>? _named;

    /// <summary>
    /// The value of the child with this name, once it has ended. The first of a name counts. A supervising group keeps
    /// no names, since it may live long: keep the handles there.
    /// </summary>
    /// <exception cref="KeyNotFoundException">No child was started under the name with this type of value.</exception>
    public T Result<T>(string name) => _named is not null && _named.TryGetValue(name, out Coroutine? child) && child is Coroutine<T> typed
        ? typed.Result
        : throw new KeyNotFoundException($"{DisplayName} has no child '{name}' that returns {typeof(T).Name}.");
}
