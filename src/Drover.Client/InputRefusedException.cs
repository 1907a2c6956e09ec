namespace Drover.Client;

/// <summary>A file of this machine cannot be an input, or changed while it was uploaded. The message names it.</summary>
public sealed class InputRefusedException : DroverException
{
    internal InputRefusedException(string path, string message, Exception? inner = null)
        : base(message, inner) => Path = path;

    /// <summary>Which, as a path of this machine.</summary>
    public string Path { get; }
}
