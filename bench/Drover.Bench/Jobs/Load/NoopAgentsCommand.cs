using System.CommandLine;

namespace Drover.Bench.Jobs.Load;

/// <summary>
/// <c>Drover.Bench noop-agents URL</c>: agents that run nothing, one for each token on standard input, up to an empty
/// line. Prints a line when the server has accepted all of them, and ends with its standard input.
/// </summary>
internal static class NoopAgentsCommand
{
    public const string Name = "noop-agents";

    public static Command Create()
    {
        var server = new Argument<Uri>("url") { Description = "where the server listens", CustomParser = result => new Uri(result.Tokens[0].Value) };
        var command = new Command(Name, "Connect agents that answer every job at once.") { server };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(server)));
        return command;
    }

    private static async Task<int> RunAsync(Uri server)
    {
        var ready = 0;
        var agents = new List<Task>();
        while (await Console.In.ReadLineAsync() is { Length: > 0 } token)
        {
            agents.Add(new NoopAgent(server, token, $"bench-{agents.Count}").RunAsync(() => Interlocked.Increment(ref ready)));
        }

        while (Volatile.Read(ref ready) < agents.Count)
        {
            await Task.WhenAny([Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System), .. agents.Where(agent => agent.IsFaulted)]);
            if (agents.FirstOrDefault(agent => agent.IsFaulted) is { } failed)
            {
                await failed;
            }
        }

        await Console.Out.WriteLineAsync("ready");
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
