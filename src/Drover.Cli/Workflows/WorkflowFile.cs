using System.Globalization;
using Drover.Cli.Submitting;
using Drover.Client.Scripts;
using Drover.Server.Configuration;

namespace Drover.Cli.Workflows;

/// <summary>
/// Reads a workflow file: YAML with a name, defaults and steps, whose keys are the options of <c>drover submit</c>. What a
/// step does not say, the script says that it runs, and then the defaults. All mistakes are told at once, each with its line.
/// </summary>
internal sealed class WorkflowFile
{
    private const string StepKeys = "letters, digits, dots, dashes and underscores, with a letter first";

    private readonly Surroundings _surroundings;
    private readonly Mistakes _mistakes;
    private readonly string _folder;

    private WorkflowFile(string path, Surroundings surroundings)
    {
        _surroundings = surroundings;
        _mistakes = new Mistakes(Path.GetFileName(path));
        _folder = Path.GetDirectoryName(path)!;
    }

    /// <summary>Reads it. Relative paths in it are relative to its folder.</summary>
    /// <exception cref="CliException">It cannot be read, or has mistakes.</exception>
    public static WorkflowPlan Read(string path, Surroundings surroundings)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.WrongUsage, $"The workflow cannot be read: {e.Message}");
        }

        try
        {
            var file = new WorkflowFile(path, surroundings);
            WorkflowPlan plan = file.Read(text);
            file._mistakes.ThrowIfAny();
            return plan;
        }
        catch (ConfigurationException e)
        {
            throw new CliException(ExitCodes.WrongUsage, e.Message);
        }
    }

    private WorkflowPlan Read(string text)
    {
        using var reader = new StringReader(text);
        YamlValue? root = YamlDocument.Read(reader, _mistakes);
        if (root is not YamlValue.Mapping top)
        {
            if (root is not null || text.Length == 0)
            {
                _mistakes.Add(root?.Line ?? 1, "a workflow has keys with values: 'steps', and 'name' and 'defaults' where they are needed");
            }

            return new WorkflowPlan(null, []);
        }

        string? name = null;
        ScriptDirectives defaults = new();
        YamlValue? steps = null;
        foreach ((YamlValue.Scalar key, YamlValue value) in top.Entries)
        {
            switch (key.Text)
            {
                case "name":
                    name = new StepFields(_mistakes).Text(key.Text, value);
                    break;
                case "defaults":
                    defaults = new StepFields(_mistakes).ReadOptions(defaults, value, "'defaults'");
                    break;
                case "steps":
                    steps = value;
                    break;
                default:
                    _mistakes.Add(key.Line, $"'{key.Text}' is not known here; there are name, defaults and steps");
                    break;
            }
        }

        if (steps is not YamlValue.Mapping { Entries.Count: > 0 } mapping)
        {
            _mistakes.Add(steps?.Line ?? top.Line, "'steps' is missing: a key for each step, and below it what it runs");
            return new WorkflowPlan(name, []);
        }

        string[] keys = [.. mapping.Entries.Select(e => e.Key.Text)];
        return new WorkflowPlan(name, [.. mapping.Entries.Select(e => ReadStep(e.Key, e.Value, defaults, keys)).OfType<WorkflowPlan.Step>()]);
    }

    private WorkflowPlan.Step? ReadStep(YamlValue.Scalar key, YamlValue value, ScriptDirectives defaults, string[] keys)
    {
        if (!IsKey(key.Text))
        {
            _mistakes.Add(key.Line, $"'{key.Text}' cannot be the name of a step: {StepKeys}");
        }

        var fields = new StepFields(_mistakes);
        ScriptDirectives own = fields.ReadOptions(new ScriptDirectives(), value, $"step '{key.Text}'", isStep: true);
        foreach ((string step, int line) in fields.AfterSteps.Where(a => !keys.Contains(a.Dependency.Step) || a.Dependency.Step == key.Text).Select(a => (a.Dependency.Step, a.Line)))
        {
            string guess = Words.Nearest(step, keys.Where(k => k != key.Text)) is { } nearest ? $"; did you mean '{nearest}'?" : "";
            _mistakes.Add(line, step == key.Text ? $"step '{step}' cannot come after itself" : $"there is no step '{step}'{guess}");
        }

        if (fields.Command is not { Length: > 0 } command)
        {
            if (value is YamlValue.Mapping && !fields.HasCommand)
            {
                _mistakes.Add(key.Line, $"step '{key.Text}' has no 'command' and no 'script'");
            }

            return null;
        }

        try
        {
            JobScript? script = JobScript.Find(command, own.WorkingDirectory is { } directory ? Path.GetFullPath(directory, _folder) : _folder);
            script?.Tell(_surroundings.Terminal);
            ScriptDirectives asked = own.Over(script is null ? defaults : script.Directives.Over(defaults));
            JobRequest request = JobRequest.Of(asked, command, script?.PathWhenMoved(own), _folder, _surroundings.Environment);
            return new WorkflowPlan.Step(key.Text, request, [.. fields.AfterSteps.Select(a => a.Dependency)]);
        }
        catch (CliException e)
        {
            _mistakes.Add(key.Line, string.Create(CultureInfo.InvariantCulture, $"step '{key.Text}': {e.Message.TrimEnd('.')}"));
            return null;
        }
    }

    private static bool IsKey(string text) =>
        text.Length is > 0 and <= 100 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
