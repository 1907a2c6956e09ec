namespace Drover.Server.Configuration;

/// <summary>How lines of the log look.</summary>
internal enum LogFormat
{
    /// <summary>Lines for people.</summary>
    Text,

    /// <summary>A JSON object a line, for programs.</summary>
    Json,
}
