using Drover.Coroutines.Testing;
using Drover.Server.Supervision;

namespace Drover.Server.Tests.Supervision;

public sealed class DependencyWaitTests
{
    [Fact]
    public void A_dependency_that_is_added_after_the_others_were_met_is_waited_for() => Schedules.RunInVirtualTime(() => TaskGroup.RunAsync(async group =>
    {
        (Dependents first, Dependents second) = (new Dependents(), new Dependents());
        (bool isFirstMet, bool isSecondMet) = (false, false);
        var wait = new DependencyWait("a test");
        wait.Add(() => isFirstMet ? new Verdict.Met() : new Verdict.Open("the first"), first);
        isFirstMet = true;
        first.Tell(); // While the second was being looked for in the database.
        wait.Add(() => isSecondMet ? new Verdict.Met() : new Verdict.Open("the second"), second);
        Coroutine settled = group.Start(wait.SettledAsync);
        await Coroutine.SleepAsync(TimeSpan.FromMinutes(1));
        Assert.False(settled.HasEnded);
        Assert.Equal("the second", wait.Situation);
        isSecondMet = true;
        second.Tell();
        await settled.JoinAsync();
        Assert.Null(wait.WhyNot);
    }));
}
