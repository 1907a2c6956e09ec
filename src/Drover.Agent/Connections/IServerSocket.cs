using System.Diagnostics.CodeAnalysis;
using Drover.Agent.Ops;

namespace Drover.Agent.Connections;

/// <summary>An open connection to the server. Used on the agent's loop.</summary>
internal interface IServerSocket : IDisposable
{
    /// <summary>Where the server is, for the log.</summary>
    string Server { get; }

    /// <summary>How long nothing has come, not even a ping.</summary>
    TimeSpan Silence { get; }

    /// <summary>Why the connection is over; null while it is not.</summary>
    string? WhyOver { get; }

    /// <summary>Sends one message: a JSON array of <see cref="AgentMessage"/>.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> message);

    /// <summary>Receives until the connection is over. Has to be called once.</summary>
    Task ReceiveAsync();

    /// <summary>Waits for something to take; false when the connection is over and all was taken.</summary>
    ValueTask<bool> WaitForMessagesAsync();

    /// <summary>Takes the messages that came together.</summary>
    bool TryTake([MaybeNullWhen(false)] out ServerMessage[] messages);

    /// <summary>What takes streams to the server.</summary>
    /// <param name="connection">The server's name of this connection.</param>
    IStreamPost PostFor(string connection);

    /// <summary>Says goodbye, where that is still possible.</summary>
    Task CloseAsync(string why);

    /// <summary>Ends the connection at once: whoever receives or sends fails. From any thread.</summary>
    /// <param name="why">A sentence; the first one holds.</param>
    void Fail(string why);
}
