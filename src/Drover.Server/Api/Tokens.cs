using System.Buffers.Text;
using System.Security.Cryptography;
using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Server.Api;

/// <summary>Makes tokens: 256 random bits. The server keeps only their hash.</summary>
internal static class Tokens
{
    private const int Bytes = 32;

    internal static string New(TokenKind kind) =>
        (kind == TokenKind.Agent ? "drover_agent_" : "drover_user_") + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>A token of a user, as it is stored.</summary>
    internal static TokenRow OfUser(string token, string user, DateTimeOffset now, DateTimeOffset? expiresAt = null) => new()
    {
        Hash = TokenHash.Of(token),
        Kind = TokenKind.User,
        User = user,
        CreatedAt = now,
        ExpiresAt = expiresAt,
    };

    /// <summary>A token of an agent, as it is stored.</summary>
    internal static TokenRow OfAgent(string token, AgentRow agent, DateTimeOffset now, DateTimeOffset? expiresAt = null) => new()
    {
        Hash = TokenHash.Of(token),
        Kind = TokenKind.Agent,
        User = agent.User,
        Site = agent.Site,
        Agent = agent.Name,
        CreatedAt = now,
        ExpiresAt = expiresAt,
    };

    /// <summary>What is told of a new token, this once with the token itself.</summary>
    internal static IssuedToken Issued(string name, string token, TokenRow row) =>
        new() { Name = name, Token = token, Id = row.Hash.Id, ExpiresAt = row.ExpiresAt };

    /// <summary>When a new token expires: as asked for, and not later than that of who asks.</summary>
    /// <exception cref="ApiException">That is no time that a token may be good for.</exception>
    internal static DateTimeOffset? End(Caller caller, double? validSeconds, DateTimeOffset now)
    {
        if (validSeconds is not { } seconds)
        {
            return caller.ExpiresAt;
        }

        if (!(seconds >= 1 && seconds <= NewToken.LongestValidity))
        {
            throw ApiException.Bad($"A token is good for 1 to {NewToken.LongestValidity} seconds, ten years.");
        }

        DateTimeOffset end = Columns.Time(Columns.Microseconds(now + TimeSpan.FromSeconds(seconds))); // As it is stored.
        return end < caller.ExpiresAt ? end : caller.ExpiresAt ?? end;
    }
}
