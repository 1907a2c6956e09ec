using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Drover.Server.Tests.Api;

/// <summary>Tokens end: when their time is over, and when they are revoked, at once.</summary>
public sealed class TokenTests(ApiServer server) : IClassFixture<ApiServer>
{
    [Fact]
    public async Task A_token_that_is_revoked_opens_nothing_from_the_answer_on()
    {
        IssuedToken token = await server.NewTokenAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(token.Token));
        Assert.Equal(HttpStatusCode.NoContent, await RevokeAsync(token.Id!, server.Token));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(token.Token));
        Assert.Equal(HttpStatusCode.NotFound, await RevokeAsync(token.Id!, server.Token));
    }

    [Fact]
    public async Task A_token_may_revoke_itself()
    {
        IssuedToken token = await server.NewTokenAsync();
        Assert.Equal(HttpStatusCode.NoContent, await RevokeAsync(token.Id!, token.Token));
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(token.Token));
    }

    [Theory]
    [InlineData("api/v1/events")]
    [InlineData("api/v1/jobs/{id}?waitSeconds=60&until=ended")]
    public async Task What_a_revoked_token_had_opened_is_broken_off(string path)
    {
        IssuedToken token = await server.NewTokenAsync();
        string id = (await server.SubmitAsync()).Id.ToString();
        Task broken = BreaksAsync(token.Token, path.Replace("{id}", id, StringComparison.Ordinal));
        using HttpResponseMessage opened = await server.SendAsync(HttpMethod.Get, "api/v1/server", token.Token);
        await Task.Delay(100); // That it is open is seen by nothing but its silence; too early would be right as well.
        Assert.Equal(HttpStatusCode.NoContent, await RevokeAsync(token.Id!, server.Token));
        await broken.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task A_token_expires_and_what_it_had_opened_is_broken_off()
    {
        IssuedToken token = await server.NewTokenAsync("""{"validSeconds":1}""");
        Assert.NotNull(token.ExpiresAt);
        await BreaksAsync(token.Token, "api/v1/events").WaitAsync(TimeSpan.FromSeconds(30));
        while (await AskAsync(token.Token) != HttpStatusCode.Unauthorized)
        {
            await Task.Delay(20); // A timer of the system may be a moment early.
        }
    }

    [Fact]
    public async Task An_agent_whose_token_is_revoked_is_cut_off_and_not_let_in_again()
    {
        await using AgentInTest agent = await AgentInTest.ConnectAsync(server, "revoked");
        while (!(await AgentAsync()).IsConnected)
        {
            await Task.Delay(20);
        }

        foreach (TokenInfo token in (await TokensAsync(server.Token)).Where(token => token.Agent == AgentName))
        {
            Assert.Equal(HttpStatusCode.NoContent, await RevokeAsync(token.Id, server.Token));
        }

        while ((await AgentAsync()).IsConnected)
        {
            await Task.Delay(20);
        }

        using HttpResponseMessage again = await server.SendAsync(HttpMethod.Post, "agent/v1/streams/1", agent.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);

        async Task<AgentInfo> AgentAsync()
        {
            using HttpResponseMessage response = await server.GetAsync("api/v1/agents");
            return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IReadOnlyListAgentInfo))!.Single(agent => agent.Name == AgentName);
        }
    }

    [Fact]
    public async Task A_user_sees_and_revokes_only_tokens_of_their_own()
    {
        string ben = await server.NewUserAsync("ben");
        IssuedToken mine = await server.NewTokenAsync();
        Assert.Equal("ben", Assert.Single(await TokensAsync(ben)).User);
        Assert.Equal(HttpStatusCode.NotFound, await RevokeAsync(mine.Id!, ben));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(mine.Token));

        using HttpResponseMessage forOther = await server.SendAsync(HttpMethod.Post, "api/v1/tokens", ben, $$"""{"user":"{{Environment.UserName}}"}""");
        Assert.Equal(HttpStatusCode.Forbidden, forOther.StatusCode);
        Assert.Equal("ben", (await server.NewTokenAsync("""{"user":"ben"}""")).Name);
        Assert.Equal(2, (await TokensAsync(ben)).Count);
    }

    [Fact]
    public async Task A_token_that_expires_makes_none_that_lasts_longer()
    {
        IssuedToken token = await server.NewTokenAsync("""{"validSeconds":1000}""");
        foreach (string body in (string[])["{}", """{"validSeconds":5000}"""])
        {
            using HttpResponseMessage response = await server.SendAsync(HttpMethod.Post, "api/v1/tokens", token.Token, body);
            Assert.Equal(token.ExpiresAt, (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IssuedToken))!.ExpiresAt);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("0.5")]
    [InlineData("315360001")]
    [InlineData("1e308")]
    public async Task A_time_that_no_token_has_is_refused(string seconds)
    {
        foreach ((string path, string body) in (IEnumerable<(string, string)>)[("tokens", "{"), ("agents", """{"site":"x","""), ("users", """{"name":"nobody","""),])
        {
            using HttpResponseMessage response = await server.PostAsync($"api/v1/{path}", $"{body}\"validSeconds\":{seconds}}}");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            await EveryRouteTests.OneSentenceAsync(response);
        }
    }

    private static string AgentName => $"{Environment.UserName}@revoked";

    private async Task<HttpStatusCode> AskAsync(string token)
    {
        using HttpResponseMessage response = await server.SendAsync(HttpMethod.Get, "api/v1/server", token);
        return response.StatusCode;
    }

    private async Task<HttpStatusCode> RevokeAsync(string id, string by)
    {
        using HttpResponseMessage response = await server.SendAsync(HttpMethod.Delete, $"api/v1/tokens/{id}", by);
        return response.StatusCode;
    }

    private async Task<IReadOnlyList<TokenInfo>> TokensAsync(string token)
    {
        using HttpResponseMessage response = await server.SendAsync(HttpMethod.Get, "api/v1/tokens", token);
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.IReadOnlyListTokenInfo))!;
    }

    /// <summary>Asks, and returns when the answer does not come to its own end.</summary>
    private async Task BreaksAsync(string token, string path)
    {
        using var http = new HttpClient { BaseAddress = server.Http.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        await Assert.ThrowsAnyAsync<Exception>(() => http.GetStringAsync(new Uri(path, UriKind.Relative)));
    }
}
