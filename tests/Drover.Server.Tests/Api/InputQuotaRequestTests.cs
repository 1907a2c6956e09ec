using System.Net;
using System.Net.Http.Headers;

namespace Drover.Server.Tests.Api;

/// <summary>Uploads that do not fit are refused in a sentence, before they are sent.</summary>
public sealed class InputQuotaRequestTests
{
    [Fact]
    public async Task An_upload_beyond_the_quota_is_refused_and_another_user_has_a_quota_of_their_own()
    {
        await using ApiServer server = await StartAsync("inputs: {quota: 1M, reserve: 0}\n");
        byte[] content = new byte[600_000];
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(server, content)).StatusCode);
        content[0] = 1;
        using HttpResponseMessage refused = await PutAsync(server, content);
        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);
        Problem problem = await ApiServer.ProblemAsync(refused);
        Assert.Equal("quotaExceeded", problem.Code);
        Assert.Contains("inputs.quota", problem.Detail);

        byte[] small = new byte[100_000];
        using var pack = new ByteArrayContent(InputPack.Of([.. Enumerable.Range(0, 5).Select(i => ((byte[])[(byte)i, .. small]) is var one ? (InputPack.HashOf(one), one) : default)]));
        using HttpResponseMessage packed = await SendAsync(server, HttpMethod.Post, "api/v1/inputs/pack", pack, server.Token);
        Assert.Equal("quotaExceeded", (await ApiServer.ProblemAsync(packed)).Code);
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(server, content, await server.NewUserAsync("ben"))).StatusCode);
    }

    [Fact]
    public async Task An_upload_that_does_not_say_how_long_it_is_ends_at_the_quota_and_leaves_nothing()
    {
        await using ApiServer server = await StartAsync("inputs: {quota: 1M, reserve: 0}\n");
        byte[] content = new byte[3_000_000];
        using HttpResponseMessage response = await PutChunkedAsync(server, content);
        Assert.Equal(HttpStatusCode.InsufficientStorage, response.StatusCode);
        Assert.Equal("quotaExceeded", (await ApiServer.ProblemAsync(response)).Code);
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(server, content[..1_000_000])).StatusCode);
    }

    [Fact]
    public async Task Uploads_that_do_not_say_how_long_they_are_share_the_quota()
    {
        await using ApiServer server = await StartAsync("inputs: {quota: 1M, reserve: 0}\n");
        using var first = new StalledUpload(server, $"PUT /api/v1/inputs/{new string('a', 64)}", "Transfer-Encoding: chunked", new byte[800_000]);
        await first.ArrivesAsync();
        using HttpResponseMessage second = await PutChunkedAsync(server, new byte[600_000]);
        Assert.Equal(HttpStatusCode.InsufficientStorage, second.StatusCode);
        Assert.Equal("quotaExceeded", (await ApiServer.ProblemAsync(second)).Code);
    }

    [Fact]
    public async Task An_upload_that_comes_to_the_quota_and_stalls_is_answered()
    {
        await using ApiServer server = await StartAsync("inputs: {quota: 500k, reserve: 0}\n");
        using var stalled = new StalledUpload(server, $"PUT /api/v1/inputs/{new string('a', 64)}", "Transfer-Encoding: chunked", new byte[700_000]);
        Assert.Equal("HTTP/1.1 507 Insufficient Storage", await stalled.AnswerAsync());
    }

    [Fact]
    public async Task An_upload_whose_connection_hangs_begins_again_though_both_would_not_fit()
    {
        await using ApiServer server = await StartAsync("inputs: {quota: 1M, reserve: 0}\n");
        byte[] content = new byte[900_000];
        using var hanging = new StalledUpload(server, $"PUT /api/v1/inputs/{InputPack.HashOf(content)}", "Content-Length: 900000", content.AsMemory(0, 600_000));
        await hanging.ArrivesAsync();
        Assert.Equal(HttpStatusCode.Created, (await PutAsync(server, content)).StatusCode);
    }

    [Fact]
    public async Task A_pack_that_is_coming_counts_for_the_next_one()
    {
        await using ApiServer server = await StartAsync("inputs: {quota: 1M, reserve: 0}\n");
        using var coming = new StalledUpload(server, "POST /api/v1/inputs/pack", "Content-Length: 600000\r\nExpect: 100-continue", default);
        Assert.Equal("HTTP/1.1 100 Continue", await coming.AnswerAsync());
        using var pack = new ByteArrayContent(new byte[600_000]);
        using HttpResponseMessage next = await SendAsync(server, HttpMethod.Post, "api/v1/inputs/pack", pack, server.Token);
        Assert.Equal(HttpStatusCode.InsufficientStorage, next.StatusCode);
        Assert.Equal("quotaExceeded", (await ApiServer.ProblemAsync(next)).Code);
    }

    [Fact]
    public async Task An_upload_that_would_take_the_reserve_of_the_disk_is_refused()
    {
        await using ApiServer server = await StartAsync("inputs: {reserve: 1000T}\n");
        using HttpResponseMessage refused = await PutAsync(server, new byte[600_000]);
        Assert.Equal(HttpStatusCode.InsufficientStorage, refused.StatusCode);
        Assert.Equal("diskFull", (await ApiServer.ProblemAsync(refused)).Code);
    }

    private static async Task<ApiServer> StartAsync(string configuration)
    {
        var server = new ApiServer(configuration);
        await server.InitializeAsync();
        return server;
    }

    private static Task<HttpResponseMessage> PutAsync(ApiServer server, byte[] content, string? token = null) =>
        SendAsync(server, HttpMethod.Put, $"api/v1/inputs/{InputPack.HashOf(content)}", new ByteArrayContent(content), token ?? server.Token);

    private static async Task<HttpResponseMessage> PutChunkedAsync(ApiServer server, byte[] content)
    {
        using var body = new StreamContent(new MemoryStream(content));
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"api/v1/inputs/{InputPack.HashOf(content)}", UriKind.Relative)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        request.Headers.TransferEncodingChunked = true;
        request.Headers.ExpectContinue = true;
        return await server.Http.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> SendAsync(ApiServer server, HttpMethod method, string path, HttpContent content, string token)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.ExpectContinue = true;
        return await server.Http.SendAsync(request);
    }
}
