using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api;

/// <summary>The server itself over HTTP: what it is doing, its agents, sites and users, and its end.</summary>
internal sealed class AdminApi(ServerParts server, Callers callers, TimeProvider time)
{
    private readonly EventLoop _loop = server.Loop;
    private readonly Supervisor _supervisor = server.Supervisor;
    private readonly Store _store = server.Store;
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/server", ServerAsync);
        routes.MapPost("/server/stop", StopAsync);
        routes.MapGet("/tree", TreeAsync);
        routes.MapGet("/sites", SitesAsync);
        routes.MapGet("/agents", AgentsAsync);
        routes.MapPost("/agents", AddAgentAsync);
        routes.MapPost("/users", AddUserAsync);
    }

    private async Task ServerAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        var info = new ServerInfo
        {
            Version = ServerVersion.Text,
            User = caller.User,
            IsAdmin = caller.IsAdmin,
            StartedAt = _startedAt,
            DataFolder = caller.IsAdmin ? server.Folder.Path : null,
            UnfinishedJobs = await _loop.InvokeAsync(() => _supervisor.UnfinishedOf(caller.User), "count jobs"),
        };
        await http.Response.WriteAsync(info, ProtocolJson.Default.ServerInfo);
    }

    private async Task StopAsync(HttpContext http)
    {
        await callers.AdminAsync(http);
        Action stop = server.Surroundings.Stop
            ?? throw new ApiException(409, "conflict", "This server is part of another program: it stops when that does.");
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.OnCompleted(() =>
        {
            stop();
            return Task.CompletedTask;
        });
    }

    private async Task TreeAsync(HttpContext http)
    {
        await callers.AdminAsync(http);
        http.Response.ContentType = "text/plain; charset=utf-8";
        await http.Response.WriteAsync(await _loop.DumpAsync(), http.RequestAborted);
    }

    private async Task SitesAsync(HttpContext http)
    {
        await callers.UserAsync(http);
        IReadOnlyList<SiteInfo> sites = await _loop.InvokeAsync(
            () => _supervisor.Agents.Sites.Select(site => site.Show()).ToList(), "sites");
        await http.Response.WriteAsync(sites, ProtocolJson.Default.IReadOnlyListSiteInfo);
    }

    private async Task AgentsAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        IReadOnlyList<AgentInfo> agents = await _loop.InvokeAsync(
            () => _supervisor.Agents.Agents.Where(agent => caller.MayTouch(agent.Row.User)).Select(agent => agent.Show()).ToList(),
            "agents");
        await http.Response.WriteAsync(agents, ProtocolJson.Default.IReadOnlyListAgentInfo);
    }

    private async Task AddAgentAsync(HttpContext http)
    {
        Caller caller = await callers.UserAsync(http);
        NewAgent wanted = await http.Request.ReadAsync(ProtocolJson.Default.NewAgent);
        string user = wanted.User ?? caller.User;
        if (!caller.MayTouch(user))
        {
            throw ApiException.Forbidden($"Only administrators make tokens for others, and {caller.User} is none.");
        }

        if (!Names.IsSite(wanted.Site))
        {
            throw ApiException.Bad($"'{wanted.Site}' is no name for a site: letters, digits, dots, dashes and underscores, at most 64, the first a letter or digit.");
        }

        if (await _store.UserAsync(user) is null)
        {
            throw ApiException.Bad($"There is no user '{user}'; `drover admin user {user}` makes one.");
        }

        if (!caller.IsAdmin && await _loop.InvokeAsync(() => _supervisor.Agents.FindSite(wanted.Site) is null, "find a site"))
        {
            throw ApiException.Forbidden($"There is no site '{wanted.Site}'; only administrators make new ones, and {caller.User} is none.");
        }

        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset? end = Tokens.End(caller, wanted.ValidSeconds, now);
        string token = Tokens.New(TokenKind.Agent);
        AgentRow row = await _loop.InvokeAsync(() => _supervisor.Agents.AgentOf(user, wanted.Site).Row, "find an agent");
        TokenRow stored = Tokens.OfAgent(token, row, now, end);
        await _store.CommitAsync(new Change.AgentSeen(row), new Change.TokenIssued(stored));
        await _loop.InvokeAsync(() => _supervisor.Agents.AddSite(wanted.Site), "add a site");
        await http.Response.WriteAsync(
            Tokens.Issued(row.Name, token, stored), ProtocolJson.Default.IssuedToken, StatusCodes.Status201Created);
    }

    private async Task AddUserAsync(HttpContext http)
    {
        Caller caller = await callers.AdminAsync(http);
        NewUser wanted = await http.Request.ReadAsync(ProtocolJson.Default.NewUser);
        if (!Names.IsUser(wanted.Name))
        {
            throw ApiException.Bad($"'{wanted.Name}' is no name for a user: letters, digits and . - _ @ +, at most 64, the first a letter or digit.");
        }

        if (await _store.UserAsync(wanted.Name) is not null)
        {
            throw IsThere(wanted.Name);
        }

        string token = Tokens.New(TokenKind.User);
        DateTimeOffset now = time.GetUtcNow();
        TokenRow stored = Tokens.OfUser(token, wanted.Name, now, Tokens.End(caller, wanted.ValidSeconds, now));
        try
        {
            await _store.CommitAsync(
                new Change.UserAdded(new UserRow { Name = wanted.Name, IsAdmin = wanted.IsAdmin, CreatedAt = now }),
                new Change.TokenIssued(stored));
        }
        catch (StorageException e) when (e.Failure == StorageFailure.Refused)
        {
            throw IsThere(wanted.Name); // Since a moment ago.
        }

        await http.Response.WriteAsync(
            Tokens.Issued(wanted.Name, token, stored), ProtocolJson.Default.IssuedToken, StatusCodes.Status201Created);
    }

    private static ApiException IsThere(string user) => new(409, "conflict", $"There is a user '{user}' already.");
}
