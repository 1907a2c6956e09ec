using Drover.Server.Storage;

namespace Drover.Server;

/// <summary>Starts the agent of this machine as a process of its own.</summary>
internal sealed class LocalAgentProcess(IReadOnlyList<string> command, DataFolder folder, string tokenFile)
{
    /// <summary>Starts it. It outlives this server.</summary>
    /// <exception cref="ProcessStartException">It cannot be started.</exception>
    internal Task<int> StartAsync() => Subprocess.StartDetachedAsync(new ProcessSpec(
        command[0],
        [.. command.Skip(1), "--server-file", folder.ServerFile, "--token-file", tokenFile, "--folder", folder.AgentFolder])
    {
        WorkingDirectory = "/",
        Output = OutputTarget.File(folder.AgentLog, append: true),
        Error = OutputTarget.SameAsOutput,
    });
}
