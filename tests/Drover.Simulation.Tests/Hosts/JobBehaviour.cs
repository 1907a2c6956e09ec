using System.Globalization;

namespace Drover.Simulation.Tests.Hosts;

/// <summary>What a simulated job does, as its command line says: so it is part of the request, and the same everywhere.</summary>
internal sealed record JobBehaviour(TimeSpan RunTime, Ending Ending, bool IgnoresTerm, bool CannotStart)
{
    /// <summary>So long run jobs that end only when they are canceled.</summary>
    private static readonly TimeSpan s_eternity = TimeSpan.FromDays(100);

    internal bool IsEternal => RunTime == s_eternity && !CannotStart;

    internal static JobBehaviour Of(JobSpec spec)
    {
        double seconds = double.Parse(spec.Command[1], CultureInfo.InvariantCulture);
        string how = spec.Command[2];
        Ending ending = how switch
        {
            "killed" => new Ending.Signaled(9, "SIGKILL"),
            "memory" => new Ending.OutOfMemory(1 << 20),
            _ => new Ending.Exited(int.TryParse(how, NumberStyles.None, CultureInfo.InvariantCulture, out int code) ? code : 0),
        };
        return new JobBehaviour(TimeSpan.FromSeconds(seconds), ending, how == "stubborn", how == "missing");
    }

    internal static JobSpec Draw(World world) => new(world.Happens(0.7) ? "one" : "two", world.Happens(world.Habits.Large) ? World.CpusOfASite : 1)
    {
        Command = world.Happens(0.1) ? ["simulated", "0.5", "0"] :
        [
            "simulated",
            (world.Happens(world.Habits.Eternal) ? s_eternity : world.Between(0.001, 300)).TotalSeconds.ToString("R", CultureInfo.InvariantCulture),
            world.Pick(["0", "0", "0", "3", "75", "killed", "memory", "stubborn", "missing"]),
        ],
        Priority = world.Happens(0.3) ? world.Random.Next(-3, 4) : 0,
        Retry = world.Happens(world.Habits.Retries) ? new RetryPolicy(world.Random.Next(1, 4), world.Pick([0.1, 1, 30])) : null,
        Hold = world.Happens(0.05),
        Pin = world.Happens(0.05),
        Reuse = world.Happens(0.2) ? true : null,
        RunDirectory = world.Happens(world.Habits.SharedDirectories) ? world.Pick(["shared", "other"]) : null,
    };
}
