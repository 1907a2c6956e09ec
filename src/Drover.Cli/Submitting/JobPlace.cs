namespace Drover.Cli.Submitting;

/// <summary>Where a job runs: at which site, and in which directory.</summary>
internal sealed record JobPlace
{
    public required string Site { get; init; }

    /// <summary>The directory that was asked for, as written.</summary>
    public string? Directory { get; init; }

    public bool IsInRunDirectory { get; init; }

    /// <summary>The name of a run directory that jobs share.</summary>
    public string? RunDirectory { get; init; }

    public IReadOnlyList<InputArgument> Inputs { get; init; } = [];

    private bool IsLocal => Site == "local";

    /// <summary>The directory that the command runs in; null for its run directory.</summary>
    /// <param name="here">Where the command was typed.</param>
    public string? WorkingDirectory(string here) =>
        IsInRunDirectory ? null
        : Directory is null ? (IsLocal && RunDirectory is null && Inputs.Count == 0 ? here : null)
        : IsLocal ? Path.GetFullPath(Directory, here)
        : Path.IsPathFullyQualified(Directory) ? Directory
        : throw new CliException(ExitCodes.WrongUsage, $"--dir names a directory at the site '{Site}': '{Directory}' has to be absolute.");

    /// <summary>
    /// The command and inputs, made so that a program that is named by a relative path is found where the job runs. Beside
    /// inputs it becomes one itself, so that its content counts when results are given back.
    /// </summary>
    /// <param name="command">As typed.</param>
    /// <param name="script">The script that asked to run somewhere else than here; it then is named by its whole path.</param>
    /// <param name="here">Where the command was typed.</param>
    public (string[] Command, InputArgument[] Inputs) WithProgram(string[] command, string? script, string here)
    {
        InputArgument[] inputs = [.. Inputs];
        if (command is not [var program, ..] || !program.Contains('/') || Path.IsPathRooted(program))
        {
            return (command, inputs);
        }

        if (inputs.Length == 0 || WorkingDirectory(here) is not null)
        {
            return (script is not null && IsLocal ? [script, .. command[1..]] : command, inputs);
        }

        string path = Path.GetFullPath(program, here);
        if (!File.Exists(path) || (InputArgument.Normal(program) is { } place && inputs.Any(i => i.Covers(place))))
        {
            return (command, inputs);
        }

        string name = InputArgument.Normal(program) ?? throw new CliException(
            ExitCodes.WrongUsage,
            $"The job runs in its run directory, from which '{program}' leads out: add --input {program}, and call it ./{Path.GetFileName(program)}.");
        return (command, [.. inputs, new InputArgument(path, name)]);
    }
}
