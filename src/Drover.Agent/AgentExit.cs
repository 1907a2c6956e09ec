namespace Drover.Agent;

/// <summary>The exit codes of an agent.</summary>
public enum AgentExit
{
    /// <summary>It was not needed any more, or was asked to end.</summary>
    Done = 0,

    /// <summary>It could not begin: a wrong option, another agent in its folder, records that cannot be read.</summary>
    CannotStart = 1,

    /// <summary>The server does not accept it: its token is not known, or its version.</summary>
    NotAccepted = 3,
}
