namespace Drover.Coroutines.Tests.Loop;

public sealed class SwitchTests
{
    [Fact]
    public void A_switch_between_coroutines_allocates_nothing() => Loops.RunInRealTime(async () =>
    {
        const int Switches = 20_000;
        await SwitchAsync(Switches); // The queue and the methods have their memory after this.
        long before = GC.GetAllocatedBytesForCurrentThread();
        await SwitchAsync(Switches);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, 0, 4_000); // The group, its two children and their async methods; not one byte a switch.
    });

    private static Task SwitchAsync(int switches) => TaskGroup.RunAsync(group =>
    {
        group.Start(() => YieldAsync(switches / 2));
        group.Start(() => YieldAsync(switches / 2));
    });

    private static async Task YieldAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            await Coroutine.YieldAsync();
        }
    }
}
