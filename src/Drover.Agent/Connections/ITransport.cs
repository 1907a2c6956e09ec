using Drover.Agent.Drivers;

namespace Drover.Agent.Connections;

/// <summary>The way to the server: a WebSocket in production, a simulated network in simulations.</summary>
internal interface ITransport
{
    /// <summary>Opens a connection. Waits; ends with the scope.</summary>
    /// <param name="heartbeat">How often to ping; the server says only later how often it wants that.</param>
    /// <exception cref="TokenRefusedException">The server does not know the token.</exception>
    /// <exception cref="IOException">The server cannot be found, or not be reached, as with other <see cref="NetworkErrors"/>.</exception>
    Task<IServerSocket> ConnectAsync(TimeSpan heartbeat);

    /// <summary>Asks for the inputs of an attempt, as <see cref="AgentProtocol.InputsPath"/> has them. Waits; ends with the scope.</summary>
    /// <returns>The answer, for a thread that may block; disposing it ends a read that waits.</returns>
    /// <exception cref="DriverException">The server has none for this agent, and trying again would not help.</exception>
    /// <exception cref="IOException">The server cannot be found, or not be reached, as with other <see cref="NetworkErrors"/>.</exception>
    Task<Stream> OpenInputsAsync(AttemptId attempt);
}
