using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Drover.Server;

/// <summary>
/// A log for people: an entry is a line, in which nothing that came from an agent or a client is obeyed by the terminal that
/// shows it.
/// </summary>
internal sealed class LineFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    internal const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        string said = logEntry.Formatter(logEntry.State, logEntry.Exception);
        string about = logEntry.Exception is { } exception ? $" {exception}" : "";
        string line = FormattableString.Invariant(
            $"{time.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff} {Word(logEntry.LogLevel)}: {logEntry.Category}[{logEntry.EventId.Id}] {said}{about}");
        textWriter.WriteLine(Printable.OneLine(line));
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };
}
