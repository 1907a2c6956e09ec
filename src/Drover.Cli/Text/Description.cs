using System.Globalization;
using System.Text;

namespace Drover.Cli.Text;

/// <summary>Labels with values, one a line; what is not there is left out.</summary>
internal sealed class Description(DateTimeOffset now)
{
    private readonly StringBuilder _text = new();

    public void Line(string label, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _text.Append(CultureInfo.InvariantCulture, $"{label,-12} {Plain.Escape(value)}\n");
        }
    }

    public void Line(string label, long? value) => Line(label, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>A time on the user's clock, and how long ago that is.</summary>
    public void Line(string label, DateTimeOffset? at) =>
        Line(label, at is { } moment ? $"{JobText.Time(moment)} ({(moment > now ? $"in {JobText.Whole(moment - now)}" : JobText.Ago(moment, now))})" : null);

    /// <summary>What was asked for, of a job or of each job of an array.</summary>
    public void Spec(JobSpec spec)
    {
        Line("cpus", spec.Cpus);
        Line("memory", spec.MemoryBytes is { } memory ? $"at most {Quantities.Bytes(memory)}" : null);
        Line("time limit", Seconds(spec.TimeLimitSeconds));
        Line("grace", Seconds(spec.GraceSeconds));
        Line("priority", spec.Priority == 0 ? null : spec.Priority);
        Line("after", spec.After is { Count: > 0 } after ? string.Join(", ", after.Select(Dependency)) : null);
        Line("retries", spec.Retry is { } retry ? Retry(retry) : null);
        Line("held", spec.Hold ? "yes; `drover release` lets it go" : null);
        Line("pinned", spec.Pin ? "yes: its files are kept" : null);
        Line("inputs", spec.Inputs);
        Line("directory", spec.WorkingDirectory ?? "its run directory");
        Line("run dir", spec.RunDirectory);
        foreach ((string name, string value) in spec.Environment ?? new Dictionary<string, string>())
        {
            Line("environment", $"{name}={value}");
        }
    }

    /// <summary>Text of several lines, indented below a heading.</summary>
    public void Block(string heading, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        _text.Append(heading).Append('\n');
        foreach (string line in text.TrimEnd('\n').Split('\n'))
        {
            _text.Append("  ").Append(Plain.Escape(line)).Append('\n');
        }
    }

    public override string ToString() => _text.ToString();

    private static string? Seconds(double? seconds) => seconds is { } s ? Quantities.Duration(TimeSpan.FromSeconds(s)) : null;

    private static string Dependency(Dependency dependency) => dependency.When switch
    {
        DependencyKind.Ended => $"{dependency.Job} has ended",
        DependencyKind.Failed => $"{dependency.Job} has failed",
        _ => $"{dependency.Job} has succeeded",
    };

    private static string Retry(RetryPolicy retry)
    {
        string on = retry.On is { Count: > 0 } endings ? $" on {string.Join(", ", endings)}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{retry.Retries}{on}, the first after {Seconds(retry.DelaySeconds)}");
    }
}
