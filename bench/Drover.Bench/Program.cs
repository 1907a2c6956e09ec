using System.CommandLine;
using Drover.Bench.Cases;
using Drover.Bench.Runtime;

var command = new RootCommand("Benchmarks of Drover against its peers.") { RuntimeCommand.Create(), PeerCommand.Create() };
var parsed = command.Parse(args);
if (parsed.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync(parsed.Errors[0].Message);
    return 2;
}

return await parsed.InvokeAsync();
