namespace Drover.Server.Supervision;

/// <summary>What can become known about an attempt that was sent to its agent. A closed choice.</summary>
internal abstract record AttemptNews
{
    private AttemptNews()
    {
    }

    /// <summary>Tells the agent, when it was one who said it, that it is on disk.</summary>
    internal virtual void Acknowledge()
    {
    }

    /// <summary>Its process runs.</summary>
    internal sealed record Started(AgentSession From, AgentMessage.Started Message) : AttemptNews
    {
        internal override void Acknowledge() => From.Acknowledge(Message.Event);
    }

    /// <summary>It has ended.</summary>
    internal sealed record Ended(AgentSession From, AgentMessage.Ended Message) : AttemptNews
    {
        internal override void Acknowledge() => From.Acknowledge(Message.Event);
    }

    /// <summary>Somebody asked to cancel it; the job has the order.</summary>
    internal sealed record CancelRequested : AttemptNews;

    /// <summary>Its agent has not been connected for a while.</summary>
    internal sealed record ContactLost(string Why) : AttemptNews;

    /// <summary>Its agent is connected again, with the same records.</summary>
    /// <param name="Session">The connection.</param>
    /// <param name="IsKnown">Whether the agent has a record of the attempt. Without one it was never started.</param>
    internal sealed record ContactRegained(AgentSession Session, bool IsKnown) : AttemptNews;
}
