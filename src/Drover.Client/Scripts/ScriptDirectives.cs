using System.Text;

namespace Drover.Client.Scripts;

/// <summary>
/// What a script says about the job that it is to be: its <c>#DROVER --cpus 4 --time 1:00:00</c> lines, and its
/// <c>#SBATCH</c> lines for the same. What is not mentioned is null.
/// </summary>
/// <remarks>
/// Lines count from the <c>#!</c> line to the first command, as with sbatch(1); where two say the same the later one
/// counts, and <c>#DROVER</c> before <c>#SBATCH</c>. Words are quoted as in a shell, and what follows a <c>#</c> is a
/// comment. Options of <c>#DROVER</c> are those of <c>drover submit</c>: a wrong one is a mistake. Of <c>#SBATCH</c> the
/// options that have a counterpart are read: time, cpus-per-task, ntasks, mem, mem-per-cpu, job-name, array, dependency,
/// hold, chdir; others are listed in <see cref="Ignored"/>. Nothing here blocks, but for <see cref="Read"/>.
/// </remarks>
public sealed record ScriptDirectives
{
    /// <summary>How much of a script is looked at.</summary>
    private const int MostBytes = 64 * 1024;

    /// <summary><see cref="JobSpec.Cpus"/>; of Slurm: ntasks times cpus-per-task.</summary>
    public int? Cpus { get; init; }

    /// <summary><see cref="JobSpec.MemoryBytes"/>; of Slurm: mem, or mem-per-cpu times the CPUs.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary><see cref="JobSpec.TimeLimitSeconds"/>.</summary>
    public double? TimeLimitSeconds { get; init; }

    /// <summary><see cref="JobSpec.Name"/>.</summary>
    public string? Name { get; init; }

    /// <summary><see cref="JobSpec.Site"/>.</summary>
    public string? Site { get; init; }

    /// <summary><see cref="JobSpec.Priority"/>.</summary>
    public int? Priority { get; init; }

    /// <summary><see cref="JobSpec.GraceSeconds"/>.</summary>
    public double? GraceSeconds { get; init; }

    /// <summary><see cref="JobSpec.WorkingDirectory"/>, as written: it may be relative.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether the command runs in its run directory.</summary>
    public bool? InRunDirectory { get; init; }

    /// <summary><see cref="JobSpec.RunDirectory"/>.</summary>
    public string? RunDirectory { get; init; }

    /// <summary><c>NAME=VALUE</c>, or <c>NAME</c> alone for the value that it has where the job is submitted.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Files and folders to upload: <c>PATH</c> or <c>PATH=NAME</c>.</summary>
    public IReadOnlyList<string> Inputs { get; init; } = [];

    /// <summary><see cref="ArraySpec.Indices"/>.</summary>
    public string? Indices { get; init; }

    /// <summary><see cref="ArraySpec.AtOnce"/>.</summary>
    public int? AtOnce { get; init; }

    /// <summary><see cref="JobSpec.After"/>.</summary>
    public IReadOnlyList<ScriptDependency> After { get; init; } = [];

    /// <summary><see cref="RetryPolicy.Retries"/>.</summary>
    public int? Retries { get; init; }

    /// <summary><see cref="RetryPolicy.On"/>.</summary>
    public IReadOnlyList<string>? RetryOn { get; init; }

    /// <summary><see cref="RetryPolicy.DelaySeconds"/>.</summary>
    public double? RetryDelaySeconds { get; init; }

    /// <summary><see cref="UploadSource.FollowLinks"/>, for all of <see cref="Inputs"/>.</summary>
    public bool? FollowLinks { get; init; }

    /// <summary><see cref="JobSpec.Hold"/>.</summary>
    public bool? Hold { get; init; }

    /// <summary><see cref="JobSpec.Pin"/>.</summary>
    public bool? Pin { get; init; }

    /// <summary><see cref="JobSpec.Reuse"/>.</summary>
    public bool? Reuse { get; init; }

    /// <summary>What is asked for and not done, each with its line: to be told to whoever submits the script.</summary>
    public IReadOnlyList<ScriptNote> Ignored { get; init; } = [];

    /// <summary>What is wrong, each with its line: a script with mistakes should not be submitted.</summary>
    public IReadOnlyList<ScriptNote> Mistakes { get; init; } = [];

    /// <summary>Reads the directives in a text. Wrong ones are no exception but <see cref="Mistakes"/>.</summary>
    public static ScriptDirectives Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<DirectiveLine> lines = DirectiveLine.In(text);
        var notes = new DirectiveNotes();
        ScriptDirectives slurm = new SbatchOptions(notes).Read(lines.Where(l => l.IsSlurm));
        ScriptDirectives all = DroverOptions.Read(slurm, lines.Where(l => !l.IsSlurm), notes);
        return all with { Ignored = [.. notes.Ignored.OrderBy(n => n.Line)], Mistakes = [.. notes.Mistakes.OrderBy(n => n.Line)] };
    }

    /// <summary>
    /// Reads the directives of a file, at most its first 64 KiB. Blocks while the disk is read.
    /// </summary>
    /// <returns>Null when it is no script: it cannot be read, or does not begin with <c>#!</c>.</returns>
    public static ScriptDirectives? Read(string path)
    {
        try
        {
            FileAttributes attributes = File.GetAttributes(path);
            if (attributes.HasFlag(FileAttributes.Directory) || attributes.HasFlag(FileAttributes.Device))
            {
                return null;
            }

            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (!file.CanSeek)
            {
                return null; // A pipe has nothing to be read twice.
            }

            byte[] bytes = new byte[Math.Min(file.Length, MostBytes)];
            ReadOnlySpan<byte> head = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            return head.StartsWith("#!"u8) ? Parse(Encoding.UTF8.GetString(head)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return null; // Whether it can be run is found out where it runs.
        }
    }

    /// <summary>These, and the others' where these say nothing; what may be repeated adds up, the others' first.</summary>
    internal ScriptDirectives Over(ScriptDirectives others)
    {
        bool isPlaced = WorkingDirectory is not null || InRunDirectory is not null;
        return new ScriptDirectives
        {
            Cpus = Cpus ?? others.Cpus,
            MemoryBytes = MemoryBytes ?? others.MemoryBytes,
            TimeLimitSeconds = TimeLimitSeconds ?? others.TimeLimitSeconds,
            Name = Name ?? others.Name,
            Site = Site ?? others.Site,
            Priority = Priority ?? others.Priority,
            GraceSeconds = GraceSeconds ?? others.GraceSeconds,
            WorkingDirectory = isPlaced ? WorkingDirectory : others.WorkingDirectory,
            InRunDirectory = isPlaced ? InRunDirectory : others.InRunDirectory,
            RunDirectory = RunDirectory ?? others.RunDirectory,
            Environment = [.. others.Environment, .. Environment],
            Inputs = [.. others.Inputs, .. Inputs],
            FollowLinks = FollowLinks ?? others.FollowLinks,
            Indices = Indices ?? others.Indices,
            AtOnce = Indices is null ? others.AtOnce : AtOnce,
            After = [.. others.After, .. After],
            Retries = Retries ?? others.Retries,
            RetryOn = RetryOn ?? others.RetryOn,
            RetryDelaySeconds = RetryDelaySeconds ?? others.RetryDelaySeconds,
            Hold = Hold ?? others.Hold,
            Pin = Pin ?? others.Pin,
            Reuse = Reuse ?? others.Reuse,
        };
    }

    /// <summary>
    /// The job that the script asks for. Not in it, because they need the server or the place of submission:
    /// <see cref="Inputs"/>, <see cref="Indices"/>, variables without a value, and <see cref="After"/> jobs of arrays.
    /// </summary>
    /// <param name="command">What to run, usually the script.</param>
    public JobSpec ToSpec(IReadOnlyList<string> command) => new(Site ?? "local", Cpus ?? 1)
    {
        Command = command,
        Name = Name,
        MemoryBytes = MemoryBytes,
        TimeLimitSeconds = TimeLimitSeconds,
        Priority = Priority ?? 0,
        WorkingDirectory = InRunDirectory == true ? null : WorkingDirectory,
        RunDirectory = RunDirectory,
        GraceSeconds = GraceSeconds,
        Environment = Environment.Count == 0 ? null : Environment.Where(e => e.Contains('='))
            .ToDictionary(e => e[..e.IndexOf('=')], e => e[(e.IndexOf('=') + 1)..]),
        After = After.Count == 0 ? null : [.. After.Where(a => a.Job.Index is null).Select(a => new Dependency(a.Job.Number, a.When))],
        Retry = Retries is { } retries ? new RetryPolicy(retries, RetryDelaySeconds ?? 1) { On = RetryOn } : null,
        Hold = Hold ?? false,
        Pin = Pin ?? false,
        Reuse = Reuse,
    };
}
