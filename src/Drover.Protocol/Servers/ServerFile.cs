namespace Drover.Protocol.Servers;

/// <summary>The file <c>server.json</c> in the data folder of a server that runs: how to reach it.</summary>
public sealed record ServerFile
{
    /// <summary>The name of the file.</summary>
    public const string Name = "server.json";

    /// <summary>Its address.</summary>
    public required string Url { get; init; }

    /// <summary>Its process number.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The version of its program.</summary>
    public required string Version { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }
}
