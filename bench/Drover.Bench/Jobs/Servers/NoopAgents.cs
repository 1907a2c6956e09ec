using Drover.Bench.Jobs.Load;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Servers;

/// <summary>A process with agents that run nothing.</summary>
internal static class NoopAgents
{
    /// <summary>Connects one agent for each token, and runs the body when the server has accepted all of them.</summary>
    /// <param name="server">To which server.</param>
    /// <param name="tokens">Their tokens.</param>
    /// <param name="body">What to do while they are connected; it is given their process.</param>
    public static Task<T> RunAsync<T>(DroverServer server, IEnumerable<string> tokens, Func<Subprocess, Task<T>> body)
    {
        var spec = new ProcessSpec(Environment.ProcessPath!, [NoopAgentsCommand.Name, server.Url.ToString()])
        {
            Input = InputSource.Pipe,
            Error = OutputTarget.Inherit,
        };
        return Subprocess.RunAsync(spec, async agents =>
        {
            foreach (var token in tokens)
            {
                await agents.Input.WriteLineAsync(token);
            }

            await agents.Input.WriteLineAsync("");
            await agents.Output.ReadLineAsync();
            return await body(agents);
        });
    }
}
