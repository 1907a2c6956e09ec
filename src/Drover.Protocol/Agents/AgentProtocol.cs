namespace Drover.Protocol.Agents;

/// <summary>What agent and server agree on before they say anything.</summary>
public static class AgentProtocol
{
    /// <summary>The version that this code speaks. Another one is refused with a sentence that says which side is older.</summary>
    public const int Version = 1;

    /// <summary>The longest WebSocket message, in bytes. What is longer goes over HTTP.</summary>
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>How many attempts one WebSocket message may name as known.</summary>
    public const int MaxKnownInMessage = 1000;

    /// <summary>The longest description of a job, as JSON in bytes: it has to fit into a message with what belongs to it.</summary>
    public const int MaxSpecBytes = 48 * 1024;

    /// <summary>Where an agent opens its WebSocket.</summary>
    public const string ConnectPath = "/agent/v1/connect";

    /// <summary>Where an agent posts the bytes that an op asked for; the number of the op follows.</summary>
    public const string StreamPath = "/agent/v1/streams/";

    /// <summary>
    /// Where an agent gets the inputs of an attempt, whose number follows: a tar archive (pax). Its first entry is the
    /// manifest, byte for byte; then come the contents of the files that it names, in its order, each named by its hash. One
    /// that two paths have comes twice.
    /// </summary>
    public const string InputsPath = "/agent/v1/inputs/";

    /// <summary>The request header that names the connection whose op a stream belongs to.</summary>
    public const string ConnectionHeader = "Drover-Connection";

    /// <summary>The header of a stream that says at which byte of the file it begins.</summary>
    public const string OffsetHeader = "Drover-Offset";

    /// <summary>The header of a file's stream that says how long the file is; the stream then has what was asked for of that.</summary>
    public const string TotalHeader = "Drover-Total";

    /// <summary>The header of a file's stream that says when it was last written, in units of 100 ns since 1970.</summary>
    public const string ModifiedHeader = "Drover-Modified";

    /// <summary>The header of an archive's stream that says how many files are in it.</summary>
    public const string FilesHeader = "Drover-Files";

    /// <summary>The variable in the environment of every process of an attempt.</summary>
    public const string AttemptVariable = "DROVER_ATTEMPT";
}
