using System.Collections.Concurrent;
using Drover.Server.Hosting;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Drover.Server.Telemetry;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Api;

/// <summary>Finds out who asks: by the bearer token of the request, or because the application around the server knows.</summary>
internal sealed class Callers(Store store, HostUsers users, TimeProvider time)
{
    private const string Scheme = "Bearer ";
    private const string TokenOfDrover = Scheme + "drover_";

    /// <summary>Tokens that were shown and are good. The database is asked about each once, not at every request.</summary>
    private readonly ConcurrentDictionary<TokenHash, Identity> _known = new();

    /// <summary>Tokens that were revoked since the start: what the database said of one a moment before does not count.</summary>
    private readonly ConcurrentDictionary<TokenHash, bool> _revoked = new();

    /// <summary>The user whose token the request shows, or whom the application around the server knows.</summary>
    /// <exception cref="ApiException">None, or one that is not known.</exception>
    internal async Task<Caller> UserAsync(HttpContext http)
    {
        Caller caller = (ShowsToken(http) ? null : await users.FindAsync(http)) ?? await OfTokenAsync(http);
        return RequestTraces.Of(http, caller) is { } parent ? caller with { TraceParent = parent } : caller;
    }

    private async Task<Caller> OfTokenAsync(HttpContext http)
    {
        Identity identity = await IdentityAsync(http);
        return identity.Token.Kind == TokenKind.User
            ? identity.Caller
            : throw ApiException.Forbidden("This is the token of an agent: it is no good for this. Use a user's token.");
    }

    /// <summary>As <see cref="UserAsync"/>, of an administrator.</summary>
    /// <exception cref="ApiException">None, one that is not known, or no administrator's.</exception>
    internal async Task<Caller> AdminAsync(HttpContext http)
    {
        Caller caller = await UserAsync(http);
        return caller.IsAdmin ? caller : throw ApiException.Forbidden($"Only administrators may do that, and {caller.User} is none.");
    }

    /// <summary>The agent whose token the request shows.</summary>
    /// <exception cref="ApiException">None, or one that is not known.</exception>
    internal async Task<TokenRow> AgentAsync(HttpContext http)
    {
        TokenRow token = (await IdentityAsync(http)).Token;
        return token.Kind == TokenKind.Agent
            ? token
            : throw ApiException.Forbidden("This is the token of a user: an agent needs its own, from `drover admin agent`.");
    }

    /// <summary>A token was revoked, which is on disk: it opens nothing any more, and what it has opened is broken off.</summary>
    /// <param name="token">Its hash.</param>
    /// <param name="by">The request that asked for it, which is answered all the same.</param>
    internal void Revoke(TokenHash token, HttpContext by)
    {
        _revoked[token] = true;
        if (_known.TryRemove(token, out Identity? identity))
        {
            Identity.Unwatch(by);
            identity.Dispose();
        }
    }

    /// <summary>An application may have bearer tokens of its own.</summary>
    private static bool ShowsToken(HttpContext http) => http.Features.Get<InProcessCaller>() is null
        && http.Request.Headers.Authorization.ToString().StartsWith(TokenOfDrover, StringComparison.OrdinalIgnoreCase);

    private async Task<Identity> IdentityAsync(HttpContext http)
    {
        string? header = http.Request.Headers.Authorization;
        if (header is null || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw ApiException.Unauthorized("The request has no token: put it into the header 'Authorization: Bearer TOKEN'.");
        }

        TokenHash hash = TokenHash.Of(header[Scheme.Length..].Trim());
        if (!_known.TryGetValue(hash, out Identity? identity))
        {
            identity = _known.GetOrAdd(hash, await LoadAsync(hash) ?? throw Unknown());
        }

        if (_revoked.ContainsKey(hash) || identity.HasExpired(time))
        {
            _known.TryRemove(hash, out _);
            throw Unknown();
        }

        identity.Watch(http, time);
        return identity;
    }

    private async Task<Identity?> LoadAsync(TokenHash hash) =>
        await store.TokenAsync(hash) is { } token && await store.UserAsync(token.User) is { } user
            ? new Identity(token, new Caller(user.Name, user.IsAdmin) { ExpiresAt = token.ExpiresAt })
            : null;

    private static ApiException Unknown() =>
        ApiException.Unauthorized("The token is not known to this server, was revoked, or has expired.");
}
