using System.Globalization;

namespace Drover.Cli.Text;

/// <summary>A job in words.</summary>
internal static class JobText
{
    /// <summary>How one calls it: by its number, or by its place in an array.</summary>
    public static string Id(JobInfo job) => job.Array is { } element ? new JobRef(element.Array, element.Index).ToString() : job.Id.ToString();

    /// <summary>Its state in a word; of one that has ended, its ending.</summary>
    public static string State(JobInfo job) => job.End?.Ending switch
    {
        null => job.CancelRequestedBy is null ? job.State.ToString().ToLowerInvariant() : "canceling",
        Ending.Exited { Code: 0 } => "succeeded",
        Ending.Exited e => string.Create(CultureInfo.InvariantCulture, $"failed({e.Code})"),
        Ending.Signaled e => $"signal({Plain.Escape(e.Name)})",
        Ending.OutOfMemory => "out of memory",
        Ending.TimeLimit => "time limit",
        Ending.Canceled => "canceled",
        Ending.NodeFailed => "node failed",
        Ending.Preempted => "preempted",
        Ending.LaunchFailed => "not started",
        Ending.Lost => "lost",
        _ => "ended",
    };

    public static Color StateColor(JobInfo job) => (job.End?.Ending, job.State) switch
    {
        ({ IsSuccess: true }, _) => Color.Good,
        (Ending.Canceled, _) => Color.Faint,
        ({ }, _) => Color.Bad,
        (null, JobState.Running) => Color.Busy,
        (null, JobState.Unknown) => Color.Bad,
        _ => Color.Waiting,
    };

    /// <summary>How far it says it is: <c>40%, about 3m left: step 4 of 10</c>.</summary>
    public static string Progress(JobInfo job, DateTimeOffset now)
    {
        if (job.Progress is not { } progress)
        {
            return "";
        }

        string percent = progress.Fraction is { } fraction
            ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Clamp(fraction, 0, 1) * 100):0}%")
            : "";
        string message = Plain.Escape(progress.Message ?? "");
        string left = percent.Length > 0 && Left(job, now) is { } time ? $", about {time} left" : "";
        string between = message.Length == 0 || percent.Length == 0 ? "" : left.Length == 0 ? " " : ": ";
        return percent + left + between + message;
    }

    /// <summary>How long it will take yet, as roughly as it is known; null when it is not, or when it is late already.</summary>
    public static string? Left(JobInfo job, DateTimeOffset now)
    {
        if (job is not { End: null, EstimatedEndAt: { } end } || end <= now)
        {
            return null;
        }

        double seconds = (end - now).TotalSeconds;
        double step = seconds switch { < 20 => 1, < 120 => 5, < 7200 => 60, < 172800 => 600, _ => 3600 };
        return Quantities.Duration(TimeSpan.FromSeconds(Math.Ceiling(seconds / step) * step));
    }

    /// <summary>How long it has run; before it runs, how long it has waited.</summary>
    public static TimeSpan Elapsed(JobInfo job, DateTimeOffset now)
    {
        TimeSpan elapsed = (job.End?.At ?? now) - (job.StartedAt ?? job.SubmittedAt);
        return elapsed < TimeSpan.Zero ? TimeSpan.Zero : elapsed;
    }

    /// <summary>What it waits for, or when it ended.</summary>
    public static string Situation(JobInfo job, DateTimeOffset now) => job switch
    {
        { End: { } end } => $"ended {Ago(end.At, now)}",
        _ => Plain.Escape(job.Situation ?? ""),
    };

    public static string Ago(DateTimeOffset at, DateTimeOffset now) =>
        now - at < TimeSpan.FromSeconds(1) ? "just now" : $"{Whole(now - at)} ago";

    /// <summary>A duration whose seconds need no fraction.</summary>
    public static string Whole(TimeSpan duration) => Quantities.Duration(
        duration >= TimeSpan.FromSeconds(10) ? TimeSpan.FromSeconds(Math.Floor(duration.TotalSeconds)) : duration);

    /// <summary>The command as one would type it into a shell.</summary>
    public static string Command(JobSpec spec) => string.Join(' ', spec.Command.Select(Quote));

    /// <summary>A time on the user's clock.</summary>
    public static string Time(DateTimeOffset at) =>
        at.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);

    private static string Quote(string word)
    {
        string escaped = Plain.Escape(word);
        return word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@%".Contains(c))
            ? word
            : $"'{escaped.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
