using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Api;

/// <summary>Tokens over HTTP: which there are, another one, and the end of one.</summary>
internal sealed partial class TokensApi(Store store, Callers callers, TimeProvider time, ILogger<TokensApi> log)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/tokens", ListAsync);
        routes.MapPost("/tokens", AddAsync);
        routes.MapDelete("/tokens/{token}", RevokeAsync);
    }

    private async Task ListAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        IReadOnlyList<TokenInfo> tokens = [.. (await store.TokensAsync(caller.IsAdmin ? null : caller.User)).Select(Show)];
        await http.Response.WriteAsync(tokens, ProtocolJson.Default.IReadOnlyListTokenInfo);
    }

    private async Task AddAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        NewToken wanted = await http.Request.ReadAsync(ProtocolJson.Default.NewToken);
        string user = wanted.User ?? caller.User;
        if (!caller.MayTouch(user))
        {
            throw ApiException.Forbidden($"Only administrators make tokens for others, and {caller.User} is none.");
        }

        if (await store.UserAsync(user) is null)
        {
            throw ApiException.Bad($"There is no user '{user}'; `drover admin user {user}` makes one.");
        }

        string token = Tokens.New(TokenKind.User);
        DateTimeOffset now = time.GetUtcNow();
        TokenRow stored = Tokens.OfUser(token, user, now, Tokens.End(caller, wanted.ValidSeconds, now));
        await store.CommitAsync(new Change.TokenIssued(stored));
        LogIssued(stored.Hash.Id, user, caller.User);
        await http.Response.WriteAsync(Tokens.Issued(user, token, stored), ProtocolJson.Default.IssuedToken, StatusCodes.Status201Created);
    }

    /// <summary>From the answer on it opens nothing any more, and what it had opened is closed.</summary>
    private async Task RevokeAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        string id = (string)http.Request.RouteValues["token"]!;
        TokenRow[] meant = [.. (await store.TokensAsync(caller.IsAdmin ? null : caller.User)).Where(token => token.Hash.Id == id)];
        if (meant.Length == 0)
        {
            throw new ApiException(404, "notFound", $"There is no token '{id}' of yours that is still good; `drover admin tokens` shows them.");
        }

        await store.CommitAsync([.. meant.Select(token => new Change.TokenRevoked(token.Hash, time.GetUtcNow()))]);
        foreach (TokenRow token in meant)
        {
            LogRevoked(id, token.Agent ?? token.User, caller.User);
            callers.Revoke(token.Hash, http);
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static TokenInfo Show(TokenRow token) => new()
    {
        Id = token.Hash.Id,
        User = token.User,
        Agent = token.Agent,
        CreatedAt = token.CreatedAt,
        ExpiresAt = token.ExpiresAt,
    };

    [LoggerMessage(LogLevel.Information, "A token '{Id}' of {User} was made by {By}")]
    private partial void LogIssued(string id, string user, string by);

    [LoggerMessage(LogLevel.Information, "The token '{Id}' of {Name} was revoked by {By}")]
    private partial void LogRevoked(string id, string name, string by);
}
