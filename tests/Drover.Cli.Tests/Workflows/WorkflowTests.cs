using System.Text.Json;

namespace Drover.Cli.Tests.Workflows;

public sealed class WorkflowTests : CommandTest
{
    private Workflow? _workflow;

    [Fact]
    public async Task A_file_becomes_a_workflow()
    {
        CommandResult result = await SubmitAsync("""
            name: climate
            defaults:
              time: 1h
              env: {MODE: fast}
            steps:
              prepare:
                command: ./prepare.sh --year 2026 'two words'
                pin: true
              simulate:
                command: [./simulate.sh, --fast, 3]
                array: 1-100%20
                cpus: 2
                after: prepare
                retries: 2
                retry-on: [lost, exit:75]
              report:
                script: |
                  sort results/* > report.txt
                in-run-dir: true
                after: [simulate, "ended:prepare", "17"]
            """);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal("ID  STEP\n21  prepare\n22  simulate\n23  report\n", result.Output);
        Assert.Equal("climate", _workflow!.Name);
        WorkflowStep prepare = _workflow.Steps[0];
        Assert.Equal(["./prepare.sh", "--year", "2026", "two words"], prepare.Job.Command);
        Assert.Equal((3600.0, true, Folder), (prepare.Job.TimeLimitSeconds, prepare.Job.Pin, prepare.Job.WorkingDirectory));
        Assert.Equal("fast", prepare.Job.Environment!["MODE"]);
        WorkflowStep simulate = _workflow.Steps[1];
        Assert.Equal(("1-100", 20, 2), (simulate.Indices, simulate.AtOnce, simulate.Job.Cpus));
        Assert.Equal([new StepDependency("prepare")], simulate.After!);
        Assert.Equal(["lost", "exit:75"], simulate.Job.Retry!.On!);
        WorkflowStep report = _workflow.Steps[2];
        Assert.Equal(["/bin/sh", "-c", "sort results/* > report.txt\n"], report.Job.Command);
        Assert.Null(report.Job.WorkingDirectory);
        Assert.Equal([new StepDependency("simulate"), new StepDependency("prepare", DependencyKind.Ended)], report.After!);
        Assert.Equal([new Dependency(new JobId(17))], report.Job.After!);
    }

    [Fact]
    public async Task What_a_step_does_not_say_its_script_says_and_then_the_defaults()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "sim.sh"), """
            #!/bin/sh
            #SBATCH --cpus-per-task=4 --time=10 --output=x.log
            #DROVER --name simulation --env MODE=fast --in-run-dir --array 1-4
            ./simulate
            """);
        CommandResult result = await SubmitAsync("""
            defaults:
              time: 1h
              priority: 3
              env: {MODE: slow, SEED: "1"}
            steps:
              a:
                command: ./sim.sh
                cpus: 2
              b:
                command: [./sim.sh, x]
                array: 7-8%1
                dir: .
            """);
        Assert.Equal((0, "drover: sim.sh:2: #SBATCH --output x.log is not used: what a job writes is kept anyway; `drover log ID` shows it\n"),
            (result.ExitCode, string.Concat(result.Error.Split('\n').Distinct().Select(line => line.Length == 0 ? "" : line + "\n"))));
        JobSpec a = _workflow!.Steps[0].Job;
        Assert.Equal((2, 600, 3, "simulation"), (a.Cpus, a.TimeLimitSeconds, a.Priority, a.Name));
        Assert.Equal(("fast", "1"), (a.Environment!["MODE"], a.Environment["SEED"]));
        Assert.Null(a.WorkingDirectory);
        Assert.Equal([Path.Combine(Folder, "sim.sh")], a.Command); // Still the one that was named.
        Assert.Equal(("1-4", null), (_workflow.Steps[0].Indices, _workflow.Steps[0].AtOnce));
        JobSpec b = _workflow.Steps[1].Job;
        Assert.Equal((4, Folder), (b.Cpus, b.WorkingDirectory));
        Assert.Equal(["./sim.sh", "x"], b.Command);
        Assert.Equal(("7-8", 1), (_workflow.Steps[1].Indices, _workflow.Steps[1].AtOnce));
    }

    [Fact]
    public async Task The_mistakes_of_a_script_are_those_of_its_step()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "sim.sh"), "#!/bin/sh\n#DROVER --cpus many\n");
        CommandResult result = await SubmitAsync("steps:\n  a: {command: ./sim.sh}\n");
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("drover: flow.yaml:2: step 'a': sim.sh:2: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task Every_mistake_is_told_with_its_line_and_nothing_is_submitted()
    {
        CommandResult result = await SubmitAsync("""
            nme: climate
            defaults:
              command: true
            steps:
              1st:
                command: true
              a:
                cpus: many
                comand: true
              b:
                command: true
                script: false
                after: [c, a, never:a]
                hold: perhaps
                array: 3-1
              a:
                command: true
              d:
                command: true
                after: d
              e: true
            """);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal(
            """
            drover: flow.yaml:1: 'nme' is not known here; there are name, defaults and steps
            flow.yaml:3: 'command' belongs to a step, not to the defaults
            flow.yaml:5: '1st' cannot be the name of a step: letters, digits, dots, dashes and underscores, with a letter first
            flow.yaml:7: step 'a' has no 'command' and no 'script'
            flow.yaml:8: 'cpus' must be a whole number from 1, not 'many'
            flow.yaml:9: 'comand' is not known here; did you mean 'command'?
            flow.yaml:12: 'command' and 'script' contradict each other: a step runs one of them
            flow.yaml:13: 'never:a' must be a step, such as prepare, or ended:prepare or failed:prepare when it need not succeed
            flow.yaml:13: there is no step 'c'; did you mean '1st'?
            flow.yaml:14: 'hold' must be true or false, not 'perhaps'
            flow.yaml:15: 'array': The range '3-1' goes backwards: the smaller index comes first
            flow.yaml:16: 'a' is in line 7 already
            flow.yaml:20: step 'd' cannot come after itself
            flow.yaml:21: step 'e' must be keys with values, not 'true'

            """.Replace("; did you mean '1st'?", Guess(result.Error)),
            result.Error);
        Assert.Empty(Server.Requests);
    }

    [Theory]
    [InlineData("", "flow.yaml:1: a workflow has keys with values")]
    [InlineData("steps: []", "flow.yaml:1: 'steps' is missing")]
    [InlineData("- a", "flow.yaml:1: a workflow has keys with values")]
    [InlineData("steps: {a: {command: ''}}", "flow.yaml:1: 'command' has no words")]
    [InlineData("steps: {a: {command: 'x', retry-on: lost}}", "flow.yaml:1: step 'a': --retry-on needs --retries")]
    [InlineData("steps: {a: {command: 'x', input: gone}}", "flow.yaml:1: step 'a': --input gone: there is no ")]
    [InlineData("steps: {", "flow.yaml:")]
    public async Task What_is_no_workflow_is_told(string text, string sentence)
    {
        CommandResult result = await SubmitAsync(text);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("drover: " + sentence, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_wrong_usage() => Assert.Equal(2, (await RunAsync("workflow", "nowhere.yaml")).ExitCode);

    /// <summary>Which step is the nearest to a name of one letter is not the point.</summary>
    private static string Guess(string error) => error.Contains("there is no step 'c'; did") ? "; did you mean 'a'?" : "";

    private async Task<CommandResult> SubmitAsync(string text)
    {
        await File.WriteAllTextAsync(Path.Combine(Folder, "flow.yaml"), text);
        Server.On("POST /api/v1/workflows", async http =>
        {
            _workflow = await JsonSerializer.DeserializeAsync(http.Request.Body, ProtocolJson.Default.Workflow);
            var steps = _workflow!.Steps.Select((s, i) => (s.Key, Id: new JobId(21 + i))).ToDictionary(s => s.Key, s => s.Id);
            await Answers.Json(new WorkflowInfo { Steps = steps }, ProtocolJson.Default.WorkflowInfo)(http);
        });
        return await RunAsync("workflow", "flow.yaml");
    }
}
