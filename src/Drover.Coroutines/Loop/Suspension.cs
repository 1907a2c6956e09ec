using System.Reflection;

namespace Drover.Coroutines;

/// <summary>
/// Whether a coroutine's body itself is suspended by a wait of the loop: by following, from the async method that awaits
/// the wait, who awaits that method's task, and so on up to the body.
/// </summary>
/// <remarks>
/// A coroutine may run several async methods at once; that one of them waits for a channel does not prove that no other
/// awaits something outside. The framework keeps this chain in private fields. They are read only when a loop is about
/// to be called deadlocked; where they are not found, nothing is proved and the loop is only reported.
/// </remarks>
internal static class Suspension
{
    private const BindingFlags Private = BindingFlags.Instance | BindingFlags.NonPublic;
    private const BindingFlags Any = Private | BindingFlags.Public;
    private const string PromiseOfIterator = "<>v__promiseOfValueOrEnd";

    /// <summary>More async methods than this one above the other are not followed.</summary>
    private const int Depth = 1_000;

    private static readonly FieldInfo? s_continuation = typeof(Task).GetField("m_continuationObject", Private);

    internal static bool LeadsTo(object? awaiting, Task body)
    {
        object? method = awaiting;
        for (int depth = 0; depth < Depth && method is Task task && IsAsyncMethod(task); depth++)
        {
            if (task == body)
            {
                return true;
            }

            method = ConsumerOfIterator(task) ?? AwaiterOf(task);
        }

        return false;
    }

    /// <summary>The async method that awaits the task, when one alone does.</summary>
    private static object? AwaiterOf(Task task) => s_continuation?.GetValue(task) switch
    {
        Task method => method,
        Action goOn => goOn.Target,
        { } captured => (Field(captured, "m_action") as Action)?.Target,
        null => null,
    };

    /// <summary>An async iterator's consumer awaits its promise and not its task.</summary>
    private static object? ConsumerOfIterator(Task task)
    {
        object? iterator = Field(task, "StateMachine");
        object? promise = iterator is null ? null : Field(iterator, PromiseOfIterator);
        return promise is null ? null : Field(promise, "_continuationState");
    }

    /// <summary>A task that an async method runs in, and not one that completes with others (Task.WhenAll).</summary>
    private static bool IsAsyncMethod(Task task) => task.GetType().Name.Contains("StateMachineBox", StringComparison.Ordinal);

    private static object? Field(object owner, string name)
    {
        for (Type? type = owner.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetField(name, Any | BindingFlags.DeclaredOnly) is { } field)
            {
                return field.GetValue(owner);
            }
        }

        return null;
    }
}
