using Drover.Agent;
using Drover.Agent.Drivers.Process;
using Drover.Agent.Keeper;
using Drover.Server;

namespace Drover.Cli.Servers;

/// <summary>Where the command line meets the server, the agent and the keeper: nobody else knows all of them.</summary>
internal static class Hosting
{
    /// <summary>Is the server until it is told to stop.</summary>
    /// <param name="program">This program, to start agents with.</param>
    /// <param name="folder">The data folder.</param>
    /// <param name="config">The configuration file, or null for the one in the folder.</param>
    /// <param name="port">The port, or null for the configured one.</param>
    public static Task<int> RunServerAsync(IReadOnlyList<string> program, DataFolder folder, string? config, int? port) =>
        ServerProgram.RunAsync(new ServerLaunch
        {
            DataFolder = folder.Path,
            ConfigurationFile = config,
            Port = port,
            AgentCommand = [.. program, "agent"],
            StartTelemetry = endpoint => Telemetry.Start("drover-server", endpoint),
        });

    /// <summary>Is an agent until it is not needed any more. Blocks.</summary>
    public static int RunAgent(IReadOnlyList<string> program, AgentOptions options)
    {
        using IDisposable? telemetry = Telemetry.Start("drover-agent", endpoint: null);
        return AgentProgram.Run(options, folder => new ProcessDriver(folder, [.. program, "keeper"]));
    }

    /// <summary>Is the keeper beside an agent until no job runs and no agent is there. Blocks.</summary>
    public static int RunKeeper(string folder) => KeeperProgram.Run(folder);
}
