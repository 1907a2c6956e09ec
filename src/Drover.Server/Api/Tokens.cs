using System.Buffers.Text;
using System.Security.Cryptography;
using Drover.Server.Storage;

namespace Drover.Server.Api;

/// <summary>Makes tokens: 256 random bits. The server keeps only their hash.</summary>
internal static class Tokens
{
    private const int Bytes = 32;

    internal static string New(TokenKind kind) =>
        (kind == TokenKind.Agent ? "drover_agent_" : "drover_user_") + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>A token of a user, as it is stored.</summary>
    internal static TokenRow OfUser(string token, string user, DateTimeOffset now) => new()
    {
        Hash = TokenHash.Of(token),
        Kind = TokenKind.User,
        User = user,
        CreatedAt = now,
    };

    /// <summary>A token of an agent, as it is stored.</summary>
    internal static TokenRow OfAgent(string token, AgentRow agent, DateTimeOffset now) => new()
    {
        Hash = TokenHash.Of(token),
        Kind = TokenKind.Agent,
        User = agent.User,
        Site = agent.Site,
        Agent = agent.Name,
        CreatedAt = now,
    };
}
