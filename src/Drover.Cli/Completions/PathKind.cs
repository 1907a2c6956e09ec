namespace Drover.Cli.Completions;

/// <summary>Names that a shell knows better.</summary>
internal enum PathKind
{
    None,
    Files,
    Folders,

    /// <summary>Programs on the PATH, and files.</summary>
    Programs,
}
