namespace Drover.Server.Api.Description;

/// <content>The server itself.</content>
internal static partial class Operations
{
    private static IEnumerable<(string Route, Operation Operation)> Server() =>
    [
        ("GET /openapi.json", new Operation("server", "describeApi", "This document.")
            .AnswersWith(200, "application/json", "An OpenAPI document.")
            .Public()),
        ("GET /server", new Operation("server", "getServer", "The server, and who asks.").AnswersJson<ServerInfo>()),
        ("POST /server/stop", new Operation("server", "stopServer", "Ends the server; jobs go on. For administrators.")
            .AnswersWith(202, null, "It is being stopped.")
            .Refuses(403)),
        ("GET /tree", new Operation("server", "getTree", "What every coroutine of the server waits for. For administrators.")
            .AnswersWith(200, "text/plain", "A tree.")),
        ("GET /sites", new Operation("server", "listSites", "Where jobs can run.").AnswersJson<IReadOnlyList<SiteInfo>>()),
        ("GET /agents", new Operation("server", "listAgents", "The agents of the user; for administrators all.")
            .AnswersJson<IReadOnlyList<AgentInfo>>()),
        ("POST /agents", new Operation("server", "addAgent", "Makes a token for an agent at a site.")
            .Takes<NewAgent>()
            .AnswersJson<IssuedToken>(201, "The token, which is shown this once.")),
        ("POST /users", new Operation("server", "addUser", "Makes a user and a token for it. For administrators.")
            .Takes<NewUser>()
            .AnswersJson<IssuedToken>(201, "The token, which is shown this once.")
            .Refuses(409)),
        ("GET /tokens", new Operation("server", "listTokens", "The tokens that are good, of the user; for administrators all. Without the tokens themselves.")
            .AnswersJson<IReadOnlyList<TokenInfo>>()),
        ("POST /tokens", new Operation("server", "addToken", "Makes another token for a user. For others only administrators ask.")
            .Says("One that is made with a token that expires does not expire later.")
            .Takes<NewToken>()
            .AnswersJson<IssuedToken>(201, "The token, which is shown this once.")),
        ("DELETE /tokens/{token}", new Operation("server", "revokeToken", "Revokes a token: from the answer on it opens nothing, and what it had opened is broken off.")
            .Path("token", "Its id, as listed: 12 hexadecimal digits.")
            .AnswersWith(204, null, "It is worth nothing any more.")
            .Refuses(404)),
    ];
}
