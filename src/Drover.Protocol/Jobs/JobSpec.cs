using System.Text.Json.Serialization;

namespace Drover.Protocol.Jobs;

/// <summary>What a user asks to run: a command, what it needs, and where.</summary>
public sealed record JobSpec
{
    /// <summary>
    /// A job on this machine, with one CPU. What has a default other than nothing is a parameter: JSON that does not
    /// mention it then leaves the default, which it would not do with an initializer.
    /// </summary>
    [JsonConstructor]
    public JobSpec(string site = "local", int cpus = 1)
    {
        Site = site;
        Cpus = cpus;
    }

    /// <summary>The program and its arguments. No shell looks at them.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>What the user calls the job. Default: the name of the program.</summary>
    public string? Name { get; init; }

    /// <summary>Where it runs. Default: the machine of the server, "local".</summary>
    public string Site { get; init; }

    /// <summary>How many CPUs it uses; they are its own while it runs. Default: 1.</summary>
    public int Cpus { get; init; }

    /// <summary>The most memory it may use, in bytes; kept where the site can. Default: no limit of its own.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The longest time it may run, in seconds, from its start. Default: no limit.</summary>
    public double? TimeLimitSeconds { get; init; }

    /// <summary>Among the jobs of a site, higher goes first; equal ones in the order of submission. -1000 to 1000; default 0.</summary>
    public int Priority { get; init; }

    /// <summary>
    /// The directory that the command runs in, an absolute path at the site. Default: the job's run directory, which is
    /// its own and empty at the start.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// The name of a run directory that jobs of one user share, one at a time, in order. Default: each job has its own.
    /// </summary>
    public string? RunDirectory { get; init; }

    /// <summary>Environment variables, on top of the agent's. They are stored: put no secrets here. Default: none.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>How many seconds it has between SIGTERM and SIGKILL when it is canceled or out of time. Default: the server's, 10.</summary>
    public double? GraceSeconds { get; init; }

    /// <summary>
    /// The files that are laid out in the run directory before it starts: the SHA-256 of an
    /// <see cref="Files.InputManifest"/> that was uploaded before. Default: none.
    /// </summary>
    public string? Inputs { get; init; }

    /// <summary>What has to have happened to other jobs before it starts. Default: nothing.</summary>
    public IReadOnlyList<Dependency>? After { get; init; }

    /// <summary>Which endings are followed by another attempt. Default: none is.</summary>
    public RetryPolicy? Retry { get; init; }

    /// <summary>Whether it waits until it is released. Default: no.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Hold { get; init; }

    /// <summary>Whether its files are kept when the time that the server keeps files is over. Default: no.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Pin { get; init; }

    /// <summary>
    /// Whether the result of an earlier job is given back instead, when that had the same command, inputs, environment and
    /// site, and succeeded. Default: when it has <see cref="Inputs"/>, and runs in a run directory of its own: of other
    /// jobs the server cannot know what they read.
    /// </summary>
    public bool? Reuse { get; init; }
}
