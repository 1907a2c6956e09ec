using System.Text.Json.Serialization;

namespace Drover.Agent.Keeper.Messages;

/// <summary>What the agent says to the keeper: one JSON object a line. A closed choice: switch over the nested cases.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Use), "use")]
[JsonDerivedType(typeof(Start), "start")]
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(Forget), "forget")]
internal abstract record KeeperCommand
{
    private KeeperCommand()
    {
    }

    /// <summary>Use this environment for what is started from now on: the agent's, which may be younger than the keeper's.</summary>
    /// <param name="Environment">All of it.</param>
    internal sealed record Use(IReadOnlyDictionary<string, string> Environment) : KeeperCommand;

    /// <summary>Start an attempt unless there is a record of it. Answered with Started or Ended.</summary>
    /// <param name="Order">What to run.</param>
    internal sealed record Start(RunOrder Order) : KeeperCommand;

    /// <summary>Stop an attempt. Answered with Stopping, once that is recorded.</summary>
    /// <param name="Attempt">Which.</param>
    /// <param name="Order">By whom, why, how.</param>
    internal sealed record Stop(AttemptId Attempt, StopOrder Order) : KeeperCommand;

    /// <summary>Drop the records of attempts that have ended. Not answered.</summary>
    /// <param name="Attempts">Which.</param>
    internal sealed record Forget(IReadOnlyList<AttemptId> Attempts) : KeeperCommand;
}
