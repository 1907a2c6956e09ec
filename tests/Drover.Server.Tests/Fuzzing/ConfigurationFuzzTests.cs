using System.Diagnostics;
using System.Text;
using Drover.Server.Configuration;

namespace Drover.Server.Tests.Fuzzing;

[Collection(nameof(Alone))]
public sealed class ConfigurationFuzzTests : IDisposable
{
    private const string Good = """
        # A comment.
        listen: 127.0.0.2:8000
        sites: &s
          - name: local
            cpus: 4
            memory: 1.5G
          - {name: nersc}
        agents:
          heartbeatSeconds: 2.5
          idleMinutes: 1
          lostAfterHours: 48
        jobs:
          graceSeconds: 0
          maxTime: 24:00:00
          keepFiles: 30d
        inputs:
          keepDays: 7
          quota: 100G
          reserve: 0
        telemetry: {endpoint: "http://localhost:4318"}
        logLevel: Debug
        logFormat: json
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_configuration_is_taken_or_every_mistake_is_told_in_a_line()
    {
        var mutation = new Mutation();
        string path = _folder["drover.yaml"];
        int files = Mutation.Times(1500);
        var heap = new LiveHeap(files);
        for (int i = 0; i < files; i++)
        {
            string text = mutation.Text(Good);
            File.WriteAllBytes(path, Encoding.UTF8.GetBytes(text));
            long began = Stopwatch.GetTimestamp();
            try
            {
                ServerOptions options = ConfigurationFile.Load(path, isOptional: false);
                Assert.True(options.Agents.Heartbeat > TimeSpan.Zero && options.Jobs.Grace >= TimeSpan.Zero, Told());
            }
            catch (ConfigurationException e)
            {
                Assert.False(e.Message.Any(c => char.IsControl(c) && c != '\n'), $"{Told()}\n{e.Message}");
                Assert.False(e.Message.Contains("Exception", StringComparison.Ordinal), $"{Told()}\n{e.Message}");
            }
            catch (Exception e)
            {
                Assert.Fail($"{Told()}\n{e}");
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(10), Told());
            heap.After(i, $"seed {mutation.Seed}");

            string Told() => $"seed {mutation.Seed}, file {i}:\n{text}";
        }
    }
}
