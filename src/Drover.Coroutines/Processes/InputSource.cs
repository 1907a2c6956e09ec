namespace Drover.Coroutines;

/// <summary>Where the standard input of a process comes from. A closed choice.</summary>
public abstract record InputSource
{
    private InputSource()
    {
    }

    /// <summary>Nothing: it is at its end.</summary>
    public static InputSource Null { get; } = new FromFile("/dev/null");

    /// <summary>A pipe, written through <see cref="Subprocess.Input"/>.</summary>
    public static InputSource Pipe { get; } = new FromPipe();

    /// <summary>The standard input of this process.</summary>
    public static InputSource Inherit { get; } = new FromUs();

    /// <summary>A file.</summary>
    /// <param name="path">Its path; a relative one starts from the working directory of the process.</param>
    public static InputSource File(string path) => new FromFile(path);

    /// <summary>See <see cref="File"/>.</summary>
    /// <param name="Path">Its path.</param>
    public sealed record FromFile(string Path) : InputSource;

    /// <summary>See <see cref="Pipe"/>.</summary>
    public sealed record FromPipe : InputSource;

    /// <summary>See <see cref="Inherit"/>.</summary>
    public sealed record FromUs : InputSource;
}
