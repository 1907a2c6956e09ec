using System.CommandLine;
using Drover.Bench.Jobs;
using Drover.Bench.Jobs.Load;
using Drover.Bench.Orchestration;
using Drover.Bench.Runtime;

var command = new RootCommand("Benchmarks of Drover against its peers.")
{
    SuiteCommand.Create(RuntimeSuite.Suite),
    RuntimePeerCommand.Create(),
    SuiteCommand.Create(JobsSuite.Suite),
    JobsPeerCommand.Create(),
    MeasuredServerCommand.Create(),
    NoopAgentsCommand.Create(),
};
var parsed = command.Parse(args);
if (parsed.Errors.Count > 0)
{
    await Console.Error.WriteLineAsync(parsed.Errors[0].Message);
    return 2;
}

return await parsed.InvokeAsync();
