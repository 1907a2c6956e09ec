using Drover.Cli.Servers;

namespace Drover.Cli;

internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        if (args is ["list" or "show" or "explain" or "agents", ..])
        {
            Rehearsal.Begin();
        }

        return CommandLine.RunAsync(args, Surroundings.OfThisProcess());
    }
}
