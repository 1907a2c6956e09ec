namespace Drover.Coroutines.Tests.Groups;

public sealed class MissingBodyTests
{
    [Fact]
    public void A_group_refuses_a_missing_body_at_the_call() => Loops.Run(() =>
    {
        Assert.Throws<ArgumentNullException>(() => { _ = TaskGroup.RunAsync((Func<TaskGroup, Task>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = TaskGroup.RunAsync((Func<TaskGroup, Task<int>>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = TaskGroup.RunAsync((Action<TaskGroup>)null!); });
        return Task.CompletedTask;
    });

    [Fact]
    public void A_missing_child_is_refused_and_the_group_goes_on() => Loops.Run(() => TaskGroup.RunAsync(group =>
    {
        Assert.Throws<ArgumentNullException>(() => group.Start((Func<Task>)null!));
        Assert.Throws<ArgumentNullException>(() => group.Start((Func<Task<int>>)null!));
        Assert.Equal(0, group.Running);
    }));

    [Fact]
    public void A_map_refuses_missing_items_and_a_missing_body_at_the_call() => Loops.Run(() =>
    {
        Assert.Throws<ArgumentNullException>(() => { _ = TaskGroup.MapAsync((int[])[1], 1, (Func<int, Task<int>>)null!); });
        Assert.Throws<ArgumentNullException>(() => { _ = TaskGroup.MapAsync((int[])null!, 1, Task.FromResult); });
        return Task.CompletedTask;
    });
}
