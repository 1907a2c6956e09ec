namespace Drover.Coroutines;

/// <summary>What to run and how: a program, its arguments, and what it is given.</summary>
/// <remarks>
/// Every stream that is a pipe must be read (or written): a process waits while the pipe to or from it, which holds
/// 64 kB, is full.
/// </remarks>
public sealed record ProcessSpec
{
    private const int Largest = 1 << 28;

    /// <summary>Names a program and its arguments.</summary>
    /// <param name="fileName">See <see cref="FileName"/>.</param>
    /// <param name="arguments">See <see cref="Arguments"/>.</param>
    public ProcessSpec(string fileName, params IReadOnlyList<string> arguments)
    {
        FileName = fileName;
        Arguments = arguments;
    }

    /// <summary>
    /// The program. Without a slash it is looked up in the <c>PATH</c> that the process gets, whose relative entries are
    /// left out; a relative path with a slash starts from <see cref="WorkingDirectory"/>.
    /// </summary>
    public string FileName { get; init; }

    /// <summary>The arguments after the program's name. They are passed as they are: no shell looks at them.</summary>
    public IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The directory that it runs in. Default: the one of this process.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Environment variables to set, or with null to remove, on top of <see cref="InheritsEnvironment"/>. Default: none.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>Whether it begins with the environment of this process, or with an empty one. Default: true.</summary>
    public bool InheritsEnvironment { get; init; } = true;

    /// <summary>Where its standard input comes from. Default: nothing, it is at its end.</summary>
    public InputSource Input { get; init; } = InputSource.Null;

    /// <summary>Where its standard output goes. Default: a pipe, read through <see cref="Subprocess.Output"/>.</summary>
    public OutputTarget Output { get; init; } = OutputTarget.Pipe;

    /// <summary>Where its standard error goes. Default: a pipe, read through <see cref="Subprocess.Error"/>.</summary>
    public OutputTarget Error { get; init; } = OutputTarget.Pipe;

    /// <summary>
    /// How long it may take to end after SIGTERM before it is killed. Default: five seconds. Zero kills at once;
    /// <see cref="Timeout.InfiniteTimeSpan"/> waits however long it takes.
    /// </summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether it becomes the leader of a session of its own, without a terminal; default: false, only of a process
    /// group. A program that asks for a password on the terminal cannot do so then.
    /// </summary>
    public bool NewSession { get; init; }

    /// <summary>
    /// Called just before the start, on the thread that starts the process, where it may block: to make what the start
    /// needs, a directory for instance, or to record that it is about to happen. What it throws is thrown instead.
    /// Default: nothing.
    /// </summary>
    public Action? BeforeStart { get; init; }

    /// <summary>
    /// Called with the process's number just after the start, on the same thread, before anybody can learn of its end.
    /// What it throws is thrown after the process was killed. Default: nothing.
    /// </summary>
    public Action<int>? AfterStart { get; init; }

    /// <summary>The most bytes in one line: a longer one comes in pieces of that length. Default: 1 MiB; 4 bytes to 256 MiB.</summary>
    public int MaxLineLength { get; init; } = 1 << 20;

    /// <summary>
    /// The most bytes of each stream that <see cref="Subprocess.RunAsync(ProcessSpec, ReadOnlyMemory{byte})"/> keeps: the
    /// last ones. Default: 1 MiB; at most 256 MiB.
    /// </summary>
    public int MaxCollected { get; init; } = 1 << 20;

    /// <summary>The program and its arguments as one would type them, shortened when long.</summary>
    public override string ToString()
    {
        const int Shown = 200;
        string line = string.Join(' ', Arguments.Prepend(FileName).Select(Quote));
        return line.Length <= Shown ? line : $"{line.AsSpan(0, Shown)}…";
    }

    /// <summary>What is wrong with it, in one sentence, or null.</summary>
    internal string? Fault()
    {
        IEnumerable<string?> strings = [FileName, WorkingDirectory, .. Arguments, .. Environment?.Keys ?? [], .. Environment?.Values ?? []];
        return string.IsNullOrEmpty(FileName) ? "No program is named."
            : strings.Any(s => s?.Contains('\0') == true) ? $"An argument, path or variable for '{FileName}' contains a null character."
            : MaxLineLength is < 4 or > Largest ? $"{nameof(MaxLineLength)} is {MaxLineLength}, not 4 to {Largest}."
            : MaxCollected is < 1 or > Largest ? $"{nameof(MaxCollected)} is {MaxCollected}, not 1 to {Largest}."
            : StopGrace < TimeSpan.Zero && StopGrace != Timeout.InfiniteTimeSpan ? $"{nameof(StopGrace)} is negative: {StopGrace}."
            : Output == OutputTarget.SameAsOutput ? "Only the standard error stream can go where the output goes."
            : null;
    }

    private static string Quote(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || "-_./=:,+@%".Contains(c)) ? word : $"'{word}'";
}
