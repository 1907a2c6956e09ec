using Drover.Bench.Jobs.Load;
using Drover.Bench.Orchestration;

namespace Drover.Bench.Jobs.Servers;

/// <summary>A process with agents that run nothing, until it is disposed.</summary>
internal sealed class NoopAgents : IAsyncDisposable
{
    private readonly ChildProcess _process;

    private NoopAgents(ChildProcess process) => _process = process;

    public int ProcessId => _process.Id;

    /// <summary>Connects one agent for each token, and returns when the server has accepted all of them.</summary>
    public static async Task<NoopAgents> StartAsync(DroverServer server, IEnumerable<string> tokens)
    {
        var agents = new NoopAgents(ChildProcess.Start(Environment.ProcessPath!, [NoopAgentsCommand.Name, server.Url.ToString()]));
        try
        {
            foreach (var token in tokens)
            {
                await agents._process.WriteLineAsync(token);
            }

            await agents._process.WriteLineAsync("");
            await agents._process.ReadLineAsync();
            return agents;
        }
        catch
        {
            await agents.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
