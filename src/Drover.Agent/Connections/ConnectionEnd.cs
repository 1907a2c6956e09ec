namespace Drover.Agent.Connections;

/// <summary>How a connection, or the try to make one, ended. A closed choice: switch over the nested cases.</summary>
internal abstract record ConnectionEnd
{
    private ConnectionEnd()
    {
    }

    /// <summary>It is gone, or never was; another one may be made.</summary>
    /// <param name="Why">In words.</param>
    /// <param name="Lasted">For how long the server had accepted it.</param>
    internal sealed record Lost(string Why, TimeSpan Lasted) : ConnectionEnd;

    /// <summary>The server does not accept this agent, and will not when asked again.</summary>
    /// <param name="Why">A sentence.</param>
    internal sealed record NotAccepted(string Why) : ConnectionEnd;
}
