namespace Drover.Coroutines.Tests.Groups;

public sealed class MissingBodyTests
{
    /// <summary>Calls without the code that they are to run.</summary>
    public static TheoryData<string> Calls => new(s_calls.Keys);

    private static readonly Dictionary<string, Action> s_calls = new()
    {
        ["RunAsync"] = static () => _ = TaskGroup.RunAsync((Func<TaskGroup, Task>)null!),
        ["RunAsync with a value"] = static () => _ = TaskGroup.RunAsync((Func<TaskGroup, Task<int>>)null!),
        ["RunAsync with a plain body"] = static () => _ = TaskGroup.RunAsync((Action<TaskGroup>)null!),
        ["MapAsync"] = static () => _ = TaskGroup.MapAsync([1], 1, (Func<int, Task<int>>)null!),
        ["MapAsync without items"] = static () => _ = TaskGroup.MapAsync((int[])null!, 1, Task.FromResult),
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_missing_body_is_refused_at_the_call(string call) => Loops.Run(() =>
    {
        Assert.Throws<ArgumentNullException>(s_calls[call]);
        return Task.CompletedTask;
    });

    [Fact]
    public void A_missing_child_is_refused_and_the_group_goes_on() => Loops.Run(() => TaskGroup.RunAsync(group =>
    {
        Assert.Throws<ArgumentNullException>(() => group.Start((Func<Task>)null!));
        Assert.Throws<ArgumentNullException>(() => group.Start((Func<Task<int>>)null!));
        Assert.Equal(0, group.Running);
    }));
}
