using Microsoft.Data.Sqlite;

namespace Drover.Server.Storage;

/// <summary>Writes who may do what: users, tokens, agents, and the answers that are kept for them. As <see cref="ChangeStatements"/>.</summary>
internal sealed class DirectoryStatements : IDisposable
{
    private readonly List<Statement> _all = [];
    private readonly Statement _addAnswer;
    private readonly Statement _forgetAnswers;
    private readonly Statement _addUser;
    private readonly Statement _addToken;
    private readonly Statement _revokeToken;
    private readonly Statement _replaceAgent;

    /// <summary>Prepares the statements.</summary>
    internal DirectoryStatements(SqliteConnection connection)
    {
        _addAnswer = Prepare(
            "INSERT INTO answers (user, key, request_hash, answered_at, answer_json) VALUES ($user, $key, $hash, $at, $answer)");
        _forgetAnswers = Prepare("DELETE FROM answers WHERE answered_at < $before");
        _addUser = Prepare("INSERT INTO users (name, is_admin, created_at) VALUES ($name, $is_admin, $created_at)");
        _addToken = Prepare(
            """
            INSERT INTO tokens (hash, kind, user, site, agent, created_at, expires_at)
            VALUES ($hash, $kind, $user, $site, $agent, $created_at, $expires_at)
            """);
        _revokeToken = Prepare("UPDATE tokens SET revoked_at = $at WHERE hash = $hash AND revoked_at IS NULL");
        _replaceAgent = Prepare(
            """
            INSERT INTO agents (name, user, site, folder, host, unix_user, process_id, version, driver, cpus, memory_bytes, limits, last_seen_at)
            VALUES ($name, $user, $site, $folder, $host, $unix_user, $process_id, $version, $driver, $cpus, $memory_bytes, $limits, $last_seen_at)
            ON CONFLICT (name) DO UPDATE SET user = excluded.user, site = excluded.site, folder = excluded.folder,
                host = excluded.host, unix_user = excluded.unix_user, process_id = excluded.process_id,
                version = excluded.version, driver = excluded.driver, cpus = excluded.cpus,
                memory_bytes = excluded.memory_bytes, limits = excluded.limits, last_seen_at = excluded.last_seen_at
            """);

        Statement Prepare(string sql)
        {
            var statement = new Statement(connection, sql);
            _all.Add(statement);
            return statement;
        }
    }

    /// <summary>Writes a change of these; false when it is none.</summary>
    /// <exception cref="SqliteException">It could not be written, or the database refuses it.</exception>
    internal bool TryWrite(Change change)
    {
        switch (change)
        {
            case Change.RequestAnswered({ } answer):
                _addAnswer.Run(answer.User, answer.Key, answer.RequestHash, Columns.Microseconds(answer.AnsweredAt), answer.AnswerJson);
                break;
            case Change.AnswersForgotten(var before):
                _forgetAnswers.Run(Columns.Microseconds(before));
                break;
            case Change.UserAdded({ } user):
                _addUser.Run(user.Name, user.IsAdmin, Columns.Microseconds(user.CreatedAt));
                break;
            case Change.TokenIssued({ } token):
                _addToken.Run(
                    token.Hash.Hex, Columns.Word(token.Kind), token.User, token.Site, token.Agent,
                    Columns.Microseconds(token.CreatedAt), Columns.Microseconds(token.ExpiresAt));
                break;
            case Change.TokenRevoked(var hash, var at):
                _revokeToken.Run(Columns.Microseconds(at), hash.Hex);
                break;
            case Change.AgentSeen({ } agent):
                _replaceAgent.Run(
                    agent.Name, agent.User, agent.Site, agent.Folder, agent.Host, agent.UnixUser, agent.ProcessId,
                    agent.Version, agent.Driver, agent.Cpus, agent.MemoryBytes, string.Join(' ', agent.Limits),
                    Columns.Microseconds(agent.LastSeenAt));
                break;
            default:
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _all.ForEach(s => s.Dispose());
}
