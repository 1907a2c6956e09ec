using Drover.Coroutines.Testing;

namespace Drover.Samples.Tests;

public sealed class CoffeeTests
{
    [Fact]
    public void The_afternoon_goes_minute_by_minute_as_the_nesting_says()
    {
        var output = new OutputLog();

        EventLoop.Run(() => new Coffee(output).AfternoonAsync(), Coffee.FromThreeOClock);

        Assert.Equal(
            """
            15:00  the table is laid
            15:15  the dough is mixed
            15:20  Ada rings the bell
            15:22  Ben rings the bell
            15:22  the beans for Ada are ground
            15:24  the beans for Ben are ground
            15:25  the cream is whipped
            15:25  the water for Ada boils
            15:29  Ada's coffee is brewed from hot water and fresh powder
            15:30  the water for Ben boils
            15:34  Ben's coffee is brewed from hot water and fresh powder
            15:54  Ada's cup is empty
            15:55  the cake is baked
            15:55  there is cake
            15:59  Ben's cup is empty
            16:00  Cleo rings the bell
            16:02  the beans for Cleo are ground
            16:05  Ada's plate is empty
            16:05  Ben's plate is empty
            16:05  the water for Cleo boils
            16:05  Ada goes home
            16:05  Ben goes home
            16:09  Cleo's coffee is brewed from hot water and fresh powder
            16:19  Cleo's plate is empty
            16:34  Cleo's cup is empty
            16:34  Cleo goes home
            16:40  the cups are washed
            16:40  the plates are washed
            16:46  the forks are washed
            16:46  the spoons are washed
            16:46  the kitchen is clean

            """,
            output.Text);
    }

    [Fact]
    public void Whoever_runs_first_each_coffee_is_brewed_after_its_water_and_its_beans() => Schedules.Explore(async () =>
    {
        var output = new OutputLog();

        await new Coffee(output).AfternoonAsync();

        foreach (string guest in new[] { "Ada", "Ben", "Cleo" })
        {
            int brewed = Line($"{guest}'s coffee is brewed");
            Assert.InRange(Line($"the water for {guest} boils"), 0, brewed);
            Assert.InRange(Line($"the beans for {guest} are ground"), 0, brewed);
            Assert.InRange(Line("there is cake"), 0, Line($"{guest}'s plate is empty"));
        }

        Assert.EndsWith("the kitchen is clean", output.Lines[^1], StringComparison.Ordinal);

        int Line(string words) => Array.FindIndex(output.Lines, line => line.Contains(words, StringComparison.Ordinal));
    });
}
