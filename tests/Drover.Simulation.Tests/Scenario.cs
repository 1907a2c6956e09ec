using Drover.Server.Storage;
using Drover.Simulation.Tests.Users;

namespace Drover.Simulation.Tests;

/// <summary>
/// What users do and what goes wrong, drawn from a seed as a list beforehand: the shortest beginning of it that still
/// fails tells most.
/// </summary>
internal sealed partial class Scenario
{
    private readonly World _world;
    private readonly IReadOnlyList<SimUser> _users;
    private readonly Lots<Func<SimUser, Action>> _requests;
    private readonly Lots<Func<Action>> _faults;
    private readonly Lots<Moment> _moments;
    private readonly Lots<Func<Action<JobRow>>> _acts;
    private readonly Lots<Func<Action>> _steps;

    internal Scenario(World world)
    {
        _world = world;
        _users = [new SimUser(world, "alice"), new SimUser(world, "bob")];
        _requests = DrawRequests();
        _faults = DrawFaults();
        _moments = DrawMoments();
        _acts = DrawActs();
        _steps = new Lots<Func<Action>>(world, (6, DrawRequest), (2, DrawFault), (2, DrawAmbush));
        Steps = [.. Enumerable.Range(0, world.Random.Next(8, 45)).Select(_ => DrawStep())];
    }

    internal IReadOnlyList<SimUser> Users => _users;

    internal IReadOnlyList<Step> Steps { get; }

    /// <summary>Does the first steps, each a while after the one before.</summary>
    internal async Task PlayAsync(int steps)
    {
        foreach (Step step in Steps.Take(steps))
        {
            await Coroutine.SleepAsync(step.Pause, "the next step");
            step.Do();
        }

        _world.Moments.Close();
    }

    private Step DrawStep()
    {
        TimeSpan pause = _world.Happens(0.5) ? _world.Between(0.0001, 0.05) : _world.Between(0.05, 60);
        return new Step(pause, _steps.Draw()());
    }

    private void Start(Func<Task> body, string name) => _world.Group.Start(body, name);

    private void Later(TimeSpan time, Action action) => _world.Group.Start(
        async () =>
        {
            await Coroutine.SleepAsync(time, "a while");
            action();
        },
        "later");

    internal sealed record Step(TimeSpan Pause, Action Do);
}
