using Drover.Client.Scripts;

namespace Drover.Cli.Submitting;

/// <summary>What is to be submitted, before anything was asked of the server.</summary>
internal sealed record JobRequest
{
    public required JobSpec Spec { get; init; }

    /// <summary>The indices of an array; null for one job.</summary>
    public string? Indices { get; init; }

    public int? AtOnce { get; init; }

    /// <summary>Jobs that it comes after; one of an array has no number yet that the API would take.</summary>
    public IReadOnlyList<ScriptDependency> After { get; init; } = [];

    public IReadOnlyList<InputArgument> Inputs { get; init; } = [];

    /// <summary>Whether what symbolic links in the inputs lead to is uploaded instead of them.</summary>
    public bool FollowsLinks { get; init; }

    /// <summary>Makes one of what was asked for, by a command line, a script or a workflow.</summary>
    /// <param name="asked">What was asked for.</param>
    /// <param name="command">What to run.</param>
    /// <param name="script">The script that itself asked to run somewhere else; null when none did.</param>
    /// <param name="here">What relative paths are relative to.</param>
    /// <param name="environment">The variables here.</param>
    /// <exception cref="CliException">It contradicts itself, or names something that is not here.</exception>
    public static JobRequest Of(ScriptDirectives asked, string[] command, string? script, string here, Func<string, string?> environment)
    {
        var place = new JobPlace
        {
            Site = asked.Site ?? "local",
            Directory = asked.WorkingDirectory,
            IsInRunDirectory = asked.InRunDirectory == true,
            RunDirectory = asked.RunDirectory,
            Inputs = [.. asked.Inputs.Select(input => InputArgument.Parse(input, here))],
        };
        (command, InputArgument[] inputs) = place.WithProgram(command, script, here);
        return new JobRequest
        {
            Spec = new JobSpec(place.Site, asked.Cpus ?? 1)
            {
                Command = command,
                Name = asked.Name,
                MemoryBytes = asked.MemoryBytes,
                TimeLimitSeconds = asked.TimeLimitSeconds,
                Priority = asked.Priority ?? 0,
                WorkingDirectory = place.WorkingDirectory(here),
                RunDirectory = place.RunDirectory,
                Environment = Variables(asked.Environment, environment),
                GraceSeconds = asked.GraceSeconds,
                Retry = Retry(asked),
                Hold = asked.Hold == true,
                Pin = asked.Pin == true,
                Reuse = asked.Reuse,
            },
            Indices = asked.Indices,
            AtOnce = asked.AtOnce,
            After = asked.After,
            Inputs = inputs,
            FollowsLinks = asked.FollowLinks == true,
        };
    }

    private static RetryPolicy? Retry(ScriptDirectives asked) =>
        asked.Retries is { } number ? new RetryPolicy(number, asked.RetryDelaySeconds ?? 1) { On = asked.RetryOn }
        : asked is { RetryOn: null, RetryDelaySeconds: null } ? null
        : throw new CliException(ExitCodes.WrongUsage, $"{(asked.RetryOn is null ? "--retry-delay" : "--retry-on")} needs --retries N: how often to try again.");

    private static Dictionary<string, string>? Variables(IReadOnlyList<string> assignments, Func<string, string?> environment)
    {
        if (assignments.Count == 0)
        {
            return null;
        }

        var variables = new Dictionary<string, string>();
        foreach (string assignment in assignments)
        {
            int equals = assignment.IndexOf('=');
            string name = equals < 0 ? assignment : assignment[..equals];
            variables[name] = name.Length == 0
                ? throw new CliException(ExitCodes.WrongUsage, $"--env '{assignment}' names no variable: write --env NAME=VALUE, or --env NAME.")
                : equals >= 0 ? assignment[(equals + 1)..]
                : environment(name)
                ?? throw new CliException(ExitCodes.WrongUsage, $"--env {name}: there is no such variable here; write --env {name}=VALUE.");
        }

        return variables;
    }
}
