namespace Drover.Coroutines;

/// <summary>Where an output stream of a process goes. A closed choice.</summary>
public abstract record OutputTarget
{
    private OutputTarget()
    {
    }

    /// <summary>Nowhere.</summary>
    public static OutputTarget Null { get; } = new ToFile("/dev/null", Appends: true);

    /// <summary>A pipe, read through <see cref="Subprocess.Output"/> or <see cref="Subprocess.Error"/>.</summary>
    public static OutputTarget Pipe { get; } = new ToPipe();

    /// <summary>The stream of this process.</summary>
    public static OutputTarget Inherit { get; } = new ToUs();

    /// <summary>For the standard error stream: where the standard output goes, in the order in which the process writes.</summary>
    public static OutputTarget SameAsOutput { get; } = new ToOutput();

    /// <summary>A file, which is made when it is not there.</summary>
    /// <param name="path">Its path; a relative one starts from the working directory of the process.</param>
    /// <param name="append">Whether what is in it stays.</param>
    public static OutputTarget File(string path, bool append = false) => new ToFile(path, append);

    /// <summary>See <see cref="File"/>.</summary>
    /// <param name="Path">Its path.</param>
    /// <param name="Appends">Whether what is in it stays.</param>
    public sealed record ToFile(string Path, bool Appends) : OutputTarget;

    /// <summary>See <see cref="Pipe"/>.</summary>
    public sealed record ToPipe : OutputTarget;

    /// <summary>See <see cref="Inherit"/>.</summary>
    public sealed record ToUs : OutputTarget;

    /// <summary>See <see cref="SameAsOutput"/>.</summary>
    public sealed record ToOutput : OutputTarget;
}
