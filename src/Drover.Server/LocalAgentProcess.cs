using Drover.Server.Storage;

namespace Drover.Server;

/// <summary>Starts agents on this machine as processes of their own.</summary>
/// <param name="command">The command that is an agent.</param>
/// <param name="folder">The server's folder, with the agents' folders in it.</param>
/// <param name="identities">Makes their tokens.</param>
/// <param name="environment">What they get.</param>
internal sealed class LocalAgentProcess(
    IReadOnlyList<string> command, DataFolder folder, Identities identities, AgentEnvironment environment)
{
    /// <summary>Starts the agent of a user. It outlives this server.</summary>
    /// <returns>Its process number.</returns>
    /// <exception cref="ProcessStartException">It cannot be started.</exception>
    /// <exception cref="StorageException">Its token cannot be made.</exception>
    internal async Task<int> StartAsync(string user)
    {
        string tokenFile = await identities.EnsureAgentTokenAsync(user);
        (string agentFolder, string log) = folder.AgentOf(user);
        return await Subprocess.StartDetachedAsync(new ProcessSpec(
            command[0],
            [.. command.Skip(1), "--server-file", folder.ServerFile, "--token-file", tokenFile, "--folder", agentFolder])
        {
            WorkingDirectory = "/",
            InheritsEnvironment = environment.InheritsAll,
            Environment = environment.Variables,
            Output = OutputTarget.File(log, append: true),
            Error = OutputTarget.SameAsOutput,
        });
    }
}
