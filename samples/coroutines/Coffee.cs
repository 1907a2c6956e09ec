namespace Drover.Samples;

/// <summary>An afternoon with guests, coffee and cake.</summary>
/// <remarks>
/// Notice:
/// - What happens at the same time stands in one AllAsync; what comes next stands in the next line.
/// - Task groups nest as calls do: the water heats inside a coffee, inside a visit, inside the afternoon. Nobody can
///   leave before everything they started is over, so when AfternoonAsync returns, the kitchen is empty.
/// - There is one kettle (Slots), and all wait for one cake (Event). Who came first is served first.
/// - The afternoon takes three hours and the program a few milliseconds: with virtual time the clock jumps to whatever
///   happens next.
/// </remarks>
internal sealed class Coffee(TextWriter output)
{
    private readonly Slots _kettle = new(1, "kettle");
    private readonly Event _cake = new("cake");

    public static EventLoopOptions FromThreeOClock { get; } =
        new() { VirtualTimeFrom = new DateTimeOffset(2025, 6, 1, 15, 0, 0, TimeSpan.Zero) };

    public async Task AfternoonAsync()
    {
        Say("the table is laid");
        await TaskGroup.AllAsync(
            BakeCakeAsync,
            () => VisitAsync("Ada", arrives: 20),
            () => VisitAsync("Ben", arrives: 22),
            () => VisitAsync("Cleo", arrives: 60));
        await WashUpAsync(["cups", "plates", "forks", "spoons"]);
        Say("the kitchen is clean");
    }

    private async Task BakeCakeAsync()
    {
        await WorkAsync("the dough is mixed", minutes: 15);
        await TaskGroup.AllAsync(
            () => WorkAsync("the cake is baked", minutes: 40),
            () => WorkAsync("the cream is whipped", minutes: 10));
        Say("there is cake");
        _cake.Set();
    }

    private async Task VisitAsync(string guest, int arrives)
    {
        await Coroutine.SleepAsync(TimeSpan.FromMinutes(arrives));
        Say($"{guest} rings the bell");
        await MakeCoffeeAsync(guest);
        await TaskGroup.AllAsync(
            () => WorkAsync($"{guest}'s cup is empty", minutes: 25),
            () => EatCakeAsync(guest));
        Say($"{guest} goes home");
    }

    private async Task MakeCoffeeAsync(string guest)
    {
        (string water, string powder) = await TaskGroup.AllAsync(() => HeatWaterAsync(guest), () => GrindBeansAsync(guest));
        await WorkAsync($"{guest}'s coffee is brewed from {water} and {powder}", minutes: 4);
    }

    private async Task<string> HeatWaterAsync(string guest)
    {
        using SlotLease kettle = await _kettle.AcquireAsync();
        await WorkAsync($"the water for {guest} boils", minutes: 5);
        return "hot water";
    }

    private async Task<string> GrindBeansAsync(string guest)
    {
        await WorkAsync($"the beans for {guest} are ground", minutes: 2);
        return "fresh powder";
    }

    private async Task EatCakeAsync(string guest)
    {
        await _cake.WaitAsync();
        await WorkAsync($"{guest}'s plate is empty", minutes: 10);
    }

    /// <summary>Two stand at the sink, so two things at once are washed.</summary>
    private Task WashUpAsync(string[] dishes) =>
        TaskGroup.ForEachAsync(dishes, limit: 2, dish => WorkAsync($"the {dish} are washed", minutes: 6));

    private async Task WorkAsync(string done, int minutes)
    {
        await Coroutine.SleepAsync(TimeSpan.FromMinutes(minutes), $"until {done}");
        Say(done);
    }

    private void Say(string what) => output.WriteLine($"{EventLoop.Current.Time.GetUtcNow():HH:mm}  {what}");
}
