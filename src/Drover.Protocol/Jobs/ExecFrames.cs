namespace Drover.Protocol.Jobs;

/// <summary>
/// How the answer to an exec is written: frames, each a byte that says what it is, four bytes of length (big endian), and
/// so many bytes. The last frame is the result; an answer without one was broken off.
/// </summary>
public static class ExecFrames
{
    /// <summary>The media type.</summary>
    public const string MediaType = "application/vnd.drover.exec";

    /// <summary>What the command wrote to its standard output.</summary>
    public const byte Output = 1;

    /// <summary>What the command wrote to its standard error.</summary>
    public const byte Error = 2;

    /// <summary>An <see cref="ExecResult"/> as JSON.</summary>
    public const byte Result = 3;

    /// <summary>The bytes before the payload.</summary>
    public const int HeaderLength = 5;

    /// <summary>The longest payload of one frame.</summary>
    public const int MaxPayload = 64 * 1024;
}
