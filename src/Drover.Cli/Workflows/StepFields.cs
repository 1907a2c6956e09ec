using Drover.Client.Scripts;
using Drover.Server.Configuration;

namespace Drover.Cli.Workflows;

/// <summary>Reads what a step says. Keys are the long names of the options of <c>drover submit</c>, and command, script, after.</summary>
internal sealed class StepFields(Mistakes mistakes)
{
    private static readonly string[] s_ofSteps = ["command", "script", "after", "array"];

    /// <summary>What it runs; null when it does not say, or wrongly.</summary>
    public string[]? Command { get; private set; }

    /// <summary>Whether it says what to run, rightly or wrongly.</summary>
    public bool HasCommand { get; private set; }

    /// <summary>The steps that it comes after, and where that is said.</summary>
    public List<(StepDependency Dependency, int Line)> AfterSteps { get; } = [];

    /// <summary>Reads all keys; what is wrong becomes a mistake, and counts as not said.</summary>
    /// <param name="asked">What holds where the keys say nothing.</param>
    /// <param name="value">The keys and values.</param>
    /// <param name="what">What they are, for messages.</param>
    /// <param name="isStep">Whether a step may say more than defaults may.</param>
    public ScriptDirectives ReadOptions(ScriptDirectives asked, YamlValue value, string what, bool isStep = false)
    {
        if (value is not YamlValue.Mapping mapping)
        {
            mistakes.Add(value.Line, $"{what} must be keys with values, not {value.Kind}");
            return asked;
        }

        foreach ((YamlValue.Scalar key, YamlValue field) in mapping.Entries)
        {
            if (s_ofSteps.Contains(key.Text) && !isStep)
            {
                mistakes.Add(key.Line, $"'{key.Text}' belongs to a step, not to the defaults");
                continue;
            }

            switch (key.Text)
            {
                case "command":
                    SetCommand(key, ReadCommand(field));
                    break;
                case "script":
                    SetCommand(key, Text(key.Text, field) is { } script ? ["/bin/sh", "-c", script] : null);
                    break;
                case "after":
                    asked = asked with { After = [.. asked.After, .. ReadAfter(field)] };
                    break;
                default:
                    asked = ReadOption(asked, key, field);
                    break;
            }
        }

        return asked;
    }

    /// <summary>A text; null, and a mistake, when it is something else.</summary>
    public string? Text(string key, YamlValue value)
    {
        if (value is YamlValue.Scalar { IsNothing: false } scalar)
        {
            return scalar.Text;
        }

        mistakes.Add(value.Line, $"'{key}' must be a text, not {value.Kind}");
        return null;
    }

    private void SetCommand(YamlValue.Scalar key, string[]? command)
    {
        if (HasCommand)
        {
            mistakes.Add(key.Line, "'command' and 'script' contradict each other: a step runs one of them");
        }

        HasCommand = true;
        Command = command;
    }

    /// <summary>A list of words, or a line whose words are quoted as in a shell; no shell looks at it.</summary>
    private string[]? ReadCommand(YamlValue value)
    {
        string[]? words = value is YamlValue.Sequence ? Texts("command", value) : Text("command", value) is not { } line ? []
            : [.. new DirectiveLine(value.Line, IsSlurm: false, line.ReplaceLineEndings(" ")).Words() ?? []];
        if (words is [] && value is YamlValue.Scalar { IsNothing: false })
        {
            mistakes.Add(value.Line, "'command' has no words, or a quote that is not closed");
        }

        return words;
    }

    /// <summary>Steps and jobs: <c>prepare</c>, <c>ended:prepare</c>, <c>17</c>, one or a list.</summary>
    private List<ScriptDependency> ReadAfter(YamlValue value)
    {
        var jobs = new List<ScriptDependency>();
        foreach (string text in Texts("after", value))
        {
            int colon = text.IndexOf(':');
            DependencyKind? kind = colon < 0 ? DependencyKind.Succeeded : text[..colon] switch
            {
                "succeeded" => DependencyKind.Succeeded,
                "ended" => DependencyKind.Ended,
                "failed" => DependencyKind.Failed,
                _ => null,
            };
            if (kind is null)
            {
                mistakes.Add(value.Line, $"'{text}' must be a step, such as prepare, or ended:prepare or failed:prepare when it need not succeed");
                continue;
            }

            foreach (string name in text[(colon + 1)..].Split(',', StringSplitOptions.TrimEntries))
            {
                if (JobRef.TryParse(name, null, out JobRef job))
                {
                    jobs.Add(new ScriptDependency(job, kind.Value));
                }
                else
                {
                    AfterSteps.Add((new StepDependency(name, kind.Value), value.Line));
                }
            }
        }

        return jobs;
    }

    private ScriptDirectives ReadOption(ScriptDirectives asked, YamlValue.Scalar key, YamlValue value)
    {
        if (DroverOptions.All.FirstOrDefault(o => o.Name == "--" + key.Text) is not { } option)
        {
            string[] known = [.. s_ofSteps, .. DroverOptions.All.Select(o => o.Name[2..])];
            string guess = Words.Nearest(key.Text, known) is { } nearest ? $"; did you mean '{nearest}'?" : "; the options of `drover submit` are";
            mistakes.Add(key.Line, $"'{key.Text}' is not known here{guess}");
            return asked;
        }

        if (!option.TakesValue)
        {
            return ReadFlag(asked, option, key.Text, value);
        }

        string[] texts = (key.Text, value) switch
        {
            ("env", YamlValue.Mapping variables) => [.. variables.Entries.Select(e => $"{e.Key.Text}={(e.Value is YamlValue.Scalar v ? v.Text : "")}")],
            ("retry-on", YamlValue.Sequence) => [string.Join(',', Texts(key.Text, value))],
            ("env" or "input", _) => Texts(key.Text, value),
            _ => Text(key.Text, value) is { } text ? [text] : [],
        };
        foreach (string text in texts)
        {
            if (option.Apply(asked, text) is { } applied)
            {
                asked = applied;
            }
            else
            {
                mistakes.Add(value.Line, option.Fault?.Invoke(text) is { } fault ? $"'{key.Text}': {fault.TrimEnd('.')}" : $"'{key.Text}' must be {option.MustBe}, not '{text}'");
            }
        }

        return asked;
    }

    private ScriptDirectives ReadFlag(ScriptDirectives asked, DirectiveOption option, string key, YamlValue value)
    {
        switch (value)
        {
            case YamlValue.Scalar { Text: "true" or "yes" }:
                return option.Apply(asked, "")!;
            case YamlValue.Scalar { Text: "false" or "no" }:
                return key switch // Takes back what the defaults say.
                {
                    "hold" => asked with { Hold = false },
                    "pin" => asked with { Pin = false },
                    "follow-links" => asked with { FollowLinks = false },
                    "in-run-dir" => asked with { InRunDirectory = false },
                    "reuse" => asked with { Reuse = false },
                    _ => asked,
                };
            default:
                mistakes.Add(value.Line, $"'{key}' must be true or false, not {value.Kind}");
                return asked;
        }
    }

    /// <summary>A text or a list of texts.</summary>
    private string[] Texts(string key, YamlValue value)
    {
        if (value is YamlValue.Sequence list)
        {
            return [.. list.Items.Select(item => Text(key, item)).OfType<string>()];
        }

        return Text(key, value) is { } text ? [text] : [];
    }
}
