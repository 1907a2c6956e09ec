using Drover.Server.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Drover.Server;

/// <summary>The log of a server that is a program of its own: the console.</summary>
internal static class ServerLogs
{
    internal static void Configure(ILoggingBuilder logging, ServerOptions options)
    {
        logging.SetMinimumLevel(options.LogLevel);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // What keeps it from starting is told in a sentence.
        logging.Services.Configure<ConsoleLoggerOptions>(static console =>
        {
            // Whoever reads the log may stop to: rather lines are missing, which is then said, than that the server waits.
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        if (options.LogFormat == LogFormat.Json)
        {
            logging.AddJsonConsole(console =>
            {
                console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                console.UseUtcTimestamp = true;
                console.IncludeScopes = true;
            });
            return;
        }

        logging.Services.TryAddSingleton(TimeProvider.System);
        logging.AddConsole(static console => console.FormatterName = LineFormatter.FormatterName);
        logging.AddConsoleFormatter<LineFormatter, ConsoleFormatterOptions>();
    }
}
