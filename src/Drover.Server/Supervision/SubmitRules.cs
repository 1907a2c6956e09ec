using System.Text.Json;
using System.Text.RegularExpressions;
using Drover.Server.Configuration;

namespace Drover.Server.Supervision;

/// <summary>What can be submitted. Everything else is refused with a sentence.</summary>
internal static partial class SubmitRules
{
    private const int MostNameLength = 200;
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3650);

    /// <summary>The specification with its defaults filled in.</summary>
    /// <param name="spec">What was asked for.</param>
    /// <param name="site">Where it is to run; null when there is no such site.</param>
    /// <param name="limits">The limits that its agent there can keep; empty when that is not known.</param>
    /// <param name="options">The configuration.</param>
    /// <param name="sites">The sites that there are.</param>
    /// <exception cref="RequestRefusedException">It cannot be run.</exception>
    internal static JobSpec Complete(
        JobSpec spec, Site? site, IReadOnlyList<string> limits, ServerOptions options, IEnumerable<string> sites)
    {
        string? fault = CommandFault(spec)
            ?? (site is null ? $"There is no site '{spec.Site}'; there are: {string.Join(", ", sites.Order())}." : null)
            ?? NumberFault(spec, options.Jobs)
            ?? spec.Retry?.Fault()
            ?? PathFault(spec)
            ?? EnvironmentFault(spec)
            ?? CapacityFault(spec, site!, limits, options);
        if (fault is not null)
        {
            throw RequestRefusedException.Bad(fault);
        }

        JobSpec complete = spec with
        {
            Name = string.IsNullOrWhiteSpace(spec.Name) ? NameOf(spec.Command[0]) : spec.Name,
            TimeLimitSeconds = spec.TimeLimitSeconds ?? options.Jobs.MaxTime?.TotalSeconds,
        };
        int length = JsonSerializer.SerializeToUtf8Bytes(complete, ProtocolJson.Default.JobSpec).Length;
        return length <= AgentProtocol.MaxSpecBytes
            ? complete
            : throw new RequestRefusedException(
                "tooLarge",
                $"Command and environment together are {Quantities.Bytes(length)}, more than {Quantities.Bytes(AgentProtocol.MaxSpecBytes)}: put long input into a file.");
    }

    /// <summary>Checks the numbers of a specification of which some were changed.</summary>
    /// <exception cref="RequestRefusedException">It cannot be run like this.</exception>
    internal static void CheckNumbers(JobSpec spec, ServerOptions options)
    {
        if (NumberFault(spec, options.Jobs) is { } fault)
        {
            throw RequestRefusedException.Bad(fault);
        }
    }

    private static string NameOf(string program)
    {
        string name = Path.GetFileName(program) is { Length: > 0 } file ? file : program;
        return name.Length <= MostNameLength ? name : name[..MostNameLength];
    }

    private static string? CommandFault(JobSpec spec) =>
        spec.Command is not { Count: > 0 } || string.IsNullOrEmpty(spec.Command[0]) ? "The command is empty: name a program to run."
        : spec.Command.Any(word => word is null) ? "A word of the command is null."
        : spec.Command.Any(word => word.Contains('\0')) ? "The command contains a null character, which no program can be given."
        : spec.Name?.Length > MostNameLength ? $"The name is longer than {MostNameLength} characters."
        : spec.Name?.Contains('\0') == true ? "The name contains a null character."
        : null;

    private static string? NumberFault(JobSpec spec, JobOptions jobs) =>
        spec.Cpus is < 1 or > 1_000_000 ? $"A job uses at least one CPU, not {spec.Cpus}."
        : spec.MemoryBytes is < 1 << 20 ? $"A memory limit is at least 1 MiB, not {Quantities.Bytes(spec.MemoryBytes.Value)}."
        : spec.Priority is < -1000 or > 1000 ? $"A priority is from -1000 to 1000, not {spec.Priority}."
        : spec.TimeLimitSeconds is { } time && !(time > 0 && time <= s_longest.TotalSeconds)
            ? "A time limit is longer than zero and at most 3650 days."
        : jobs.MaxTime is { } max && spec.TimeLimitSeconds > max.TotalSeconds
            ? $"The time limit is longer than the {Quantities.Duration(max)} that this server allows."
        : spec.GraceSeconds is { } grace && !(grace >= 0 && grace <= 86400) ? "A grace period is from 0 to 86400 seconds."
        : null;

    private static string? PathFault(JobSpec spec) =>
        spec.After?.Any(dependency => dependency is null) == true ? "A dependency of the job is null." :
        spec.WorkingDirectory is { } directory && (!directory.StartsWith('/') || directory.Contains('\0'))
            ? "The working directory must be an absolute path."
        : spec.RunDirectory is { } name && !DirectoryName().IsMatch(name)
            ? "The name of a run directory is made of letters, digits, dots, dashes and underscores, begins with a letter or digit, and has at most 64."
        : null;

    private static string? EnvironmentFault(JobSpec spec)
    {
        foreach ((string name, string value) in spec.Environment ?? new Dictionary<string, string>())
        {
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0') || value?.Contains('\0') != false)
            {
                return $"'{name}' cannot be an environment variable with that value: no empty name, no '=' in it, no null characters.";
            }

            if (name.StartsWith("DROVER_", StringComparison.Ordinal))
            {
                return $"The environment variable {name} cannot be set: Drover sets those that begin with DROVER_ itself.";
            }
        }

        return null;
    }

    private static string? CapacityFault(JobSpec spec, Site site, IReadOnlyList<string> limits, ServerOptions options) =>
        site.IsMeasured && spec.Cpus > site.Cpus.Capacity
            ? $"The job asks for {spec.Cpus} CPUs, and site '{site.Name}' has {site.Cpus.Capacity}."
        : options.Site(site.Name)?.MemoryBytes is { } memory && spec.MemoryBytes > memory
            ? $"The job asks for {Quantities.Bytes(spec.MemoryBytes.Value)} of memory, and site '{site.Name}' has {Quantities.Bytes(memory)}."
        : spec.MemoryBytes is not null && limits.Count > 0 && !limits.Contains("memory")
            ? $"Site '{site.Name}' cannot keep memory limits; it keeps: {string.Join(", ", limits)}. Submit without one."
        : null;

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex DirectoryName();
}
