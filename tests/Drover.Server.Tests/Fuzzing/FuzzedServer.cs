using System.Collections.Concurrent;
using Drover.Server.Tests.Api;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Tests.Fuzzing;

/// <summary>A server whose log is listened to and whose database is watched.</summary>
public sealed class FuzzedServer : IAsyncLifetime, ILoggerProvider
{
    private readonly ConcurrentQueue<string> _errors = new();
    private SqliteConnection _database = null!;

    public FuzzedServer() => Server = new ApiServer(logging => logging.AddProvider(this));

    internal ApiServer Server { get; }

    /// <summary>What the log had to say of errors and bugs, and of what was broken off because of them.</summary>
    internal string Errors => string.Join('\n', _errors);

    /// <summary>Forgets what others have brought about.</summary>
    internal void ForgetErrors() => _errors.Clear();

    public async ValueTask InitializeAsync()
    {
        await Server.InitializeAsync();
        _database = new SqliteConnection($"Data Source={Path.Combine(Server.Folder, "drover.db")};Mode=ReadOnly;Pooling=False");
        _database.Open();
    }

    /// <summary>Another number after each change of the database.</summary>
    internal long State()
    {
        using SqliteCommand command = _database.CreateCommand();
        command.CommandText = "PRAGMA data_version";
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>What the server keeps in memory of jobs that have not ended, at the most: they are waited for.</summary>
    internal long KeptBytes()
    {
        const long BytesOfJob = 4 << 10;
        using SqliteCommand command = _database.CreateCommand();
        command.CommandText = "SELECT count(*) * $each + 4 * coalesce(sum(length(spec_json)), 0) FROM jobs WHERE ended_at IS NULL";
        command.Parameters.AddWithValue("$each", BytesOfJob);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The number when nothing is changed any more by what was accepted before.</summary>
    internal async Task<long> SettledStateAsync()
    {
        while (true)
        {
            long state = State();
            await Task.Delay(30);
            if (State() == state)
            {
                return state;
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Listener(this, categoryName);

    public void Dispose()
    {
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        await Server.DisposeAsync();
    }

    private sealed class Listener(FuzzedServer server, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string text = formatter(state, exception);
            bool isExpected = text.StartsWith("Agent '", StringComparison.Ordinal) || text.Contains("broken off: Unexpected end", StringComparison.Ordinal)
                || text.Contains("ConsoleLoggerProcessor", StringComparison.Ordinal);
            if (IsEnabled(logLevel) && !isExpected) // Somebody was refused, or has gone; and the logs' own lock is none of ours.
            {
                server._errors.Enqueue($"{category}: {text} {exception}");
            }
        }
    }
}
