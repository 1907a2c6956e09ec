using System.Diagnostics;
using System.Text;
using Drover.Client.Scripts;
using Drover.Testing;

namespace Drover.Cli.Tests.Fuzzing;

/// <summary>Scripts and workflow files that were good, changed at random: read or refused in sentences, soon, and never more.</summary>
[Collection(nameof(Alone))]
public sealed class TextFuzzTests : CommandTest
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    private const string Script = """
        #!/bin/sh -e
        #SBATCH --job-name=orbits --time=1-12:30:00 -n 2 --cpus-per-task=4 --mem=4G --mem-per-cpu 100M
        #SBATCH --array=1-100%20,200 --dependency=afterok:17:18,afterany:19 --hold -D /tmp --output=x.log
        #DROVER --name 'two words' --env MODE=fast --env HOME --cpus 3 --memory 1.5G --time 1h30m # a comment
        #DROVER --in-run-dir --array 1-4 --after ended:17 --retries 2 --retry-on lost,exit:75 --priority -3 --input a.txt=b --pin
        ./simulate "$1"
        """;

    private const string Steps = """
        name: climate
        defaults: &d
          time: 1h
          env: {MODE: fast, "N": 3}
        steps:
          prepare:
            command: ./prepare.sh --year 2026 'two words'
            pin: true
          simulate:
            command: [./simulate.sh, --fast, 3]
            array: 1-100%20
            cpus: 2
            memory: 1.5G
            after: prepare
            retries: 2
            retry-on: [lost, exit:75]
          report:
            script: |
              sort results/* > report.txt
            in-run-dir: true
            after: [simulate, "ended:prepare", "17"]
        """;

    [Fact]
    public void Directives_are_read_or_refused()
    {
        var mutation = new Mutation();
        int scripts = Mutation.Times(3000);
        var heap = new LiveHeap(scripts);
        for (int i = 0; i < scripts; i++)
        {
            string script = mutation.Text(mutation.OneIn(10) ? mutation.Text(Script) : Script);
            long began = Stopwatch.GetTimestamp();
            try
            {
                ScriptDirectives read = ScriptDirectives.Parse(script);
                Assert.True(read.Cpus is null or >= 0, Told());
            }
            catch (FormatException e)
            {
                Assert.False(string.IsNullOrWhiteSpace(e.Message), Told());
            }
            catch (Exception e)
            {
                Assert.Fail($"{Told()}\n{e}");
            }

            Assert.True(Stopwatch.GetElapsedTime(began) < s_longest, Told());
            heap.After(i, $"seed {mutation.Seed}");

            string Told() => $"seed {mutation.Seed}, script {i}:\n{script}";
        }
    }

    [Fact]
    public async Task Workflow_files_are_submitted_or_refused_in_sentences()
    {
        var mutation = new Mutation();
        string file = Path.Combine(Folder, "workflow.yaml");
        Server.On("POST /api/v1/workflows", Answers.Problem(400, "badRequest", "Not today."));
        int files = Mutation.Times(300);
        var heap = new LiveHeap(files);
        for (int i = 0; i < files; i++)
        {
            string text = mutation.Text(Steps);
            await File.WriteAllBytesAsync(file, Encoding.UTF8.GetBytes(text));
            long began = Stopwatch.GetTimestamp();
            CommandResult result = await RunAsync("workflow", file);
            string told = $"seed {mutation.Seed}, file {i}: {result.Error}\n{text}";
            Assert.True(result.ExitCode is 1 or 2, told);
            Assert.StartsWith("drover: ", result.Error);
            Assert.False(result.Error.Contains("mistake in drover", StringComparison.Ordinal), told);
            Assert.False(result.Error.Any(c => char.IsControl(c) && c != '\n'), told);
            Assert.True(Stopwatch.GetElapsedTime(began) < s_longest, told);
            Server.Requests.Clear();
            heap.After(i, $"seed {mutation.Seed}");
        }
    }
}
