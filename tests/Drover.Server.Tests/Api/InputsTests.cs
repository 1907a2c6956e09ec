using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Drover.Protocol.Files;

namespace Drover.Server.Tests.Api;

/// <summary>Inputs over HTTP: what is refused is refused in a sentence, and changes nothing.</summary>
public sealed class InputsTests(ApiServer server) : IClassFixture<ApiServer>
{
    private static readonly byte[] s_content = "hello"u8.ToArray();

    [Fact]
    public async Task A_job_with_inputs_that_were_uploaded_is_accepted()
    {
        await PutAsync(s_content);
        string inputs = await ManifestAsync(File("a/in.txt"), new InputEntry { Path = "link", Kind = InputKind.Link, Target = "a/in.txt" });
        Assert.Equal(HttpStatusCode.Created, (await SubmitAsync(inputs)).Status);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("a/../../b")]
    [InlineData(".drover-17.1.out")]
    [InlineData("")]
    public async Task A_path_that_leads_out_is_refused_by_name(string path)
    {
        await PutAsync(s_content);
        await RefusedAsync(await ManifestAsync(File(path)), path);
    }

    [Theory]
    [InlineData("link", "/etc/passwd")]
    [InlineData("link", "../outside")]
    public async Task A_link_that_leads_out_is_refused(string path, string target) =>
        await RefusedAsync(await ManifestAsync(new InputEntry { Path = path, Kind = InputKind.Link, Target = target }), path);

    [Fact]
    public async Task Two_inputs_in_one_place_are_refused()
    {
        await PutAsync(s_content);
        await RefusedAsync(await ManifestAsync(File("a"), File("a")), "a");
        await RefusedAsync(await ManifestAsync(File("a"), File("a/b")), "a");
    }

    [Fact]
    public async Task Contents_that_were_not_uploaded_or_are_longer_are_refused_by_name()
    {
        await PutAsync(s_content);
        InputEntry unknown = File("secret.txt") with { Hash = InputPack.HashOf("never uploaded"u8) };
        await RefusedAsync(await ManifestAsync(unknown), "secret.txt", HttpStatusCode.Conflict);
        await RefusedAsync(await ManifestAsync(File("longer.txt") with { Length = 6 }), "longer.txt");
        await RefusedAsync(InputPack.HashOf("no manifest"u8), "There are no inputs", HttpStatusCode.Conflict);
        await RefusedAsync("../../etc/passwd", "SHA-256");
        await RefusedAsync(await PutAsync("[1, 2"u8.ToArray()), "no list of inputs");
    }

    [Fact]
    public async Task Nobody_can_use_or_find_what_another_has_uploaded()
    {
        byte[] secret = "the secret of ada"u8.ToArray();
        string hash = await PutAsync(secret);
        string eve = await server.NewUserAsync("eve-of-inputs");
        using HttpResponseMessage head = await SendAsync(HttpMethod.Head, $"api/v1/inputs/{hash}", content: null, eve);
        Assert.Equal("?0", head.Headers.GetValues("Upload-Complete").Single());
        using HttpResponseMessage missing = await SendAsync(
            HttpMethod.Post, "api/v1/inputs/missing", JsonContent.Create(new HashList { Hashes = [hash] }, ProtocolJson.Default.HashList), eve);
        Assert.Equal([hash], (await missing.Content.ReadFromJsonAsync(ProtocolJson.Default.HashList))!.Hashes);
        InputEntry entry = File("in.txt") with { Hash = hash, Length = secret.Length };
        string inputs = await ManifestAsync(eve, entry);
        (HttpStatusCode status, string detail) = await SubmitAsync(inputs, eve);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("has not been uploaded", detail);
    }

    [Fact]
    public async Task An_upload_goes_on_where_it_is_said_to_be()
    {
        byte[] content = RandomNumberGenerator.GetBytes(200_000);
        string hash = InputPack.HashOf(content);
        using HttpResponseMessage conflict = await PutAsync(hash, content.AsMemory(1000), offset: 1000);
        Assert.Equal(HttpStatusCode.Conflict, conflict.StatusCode);
        Assert.Equal("0", conflict.Headers.GetValues("Upload-Offset").Single());
        using HttpResponseMessage damaged = await PutAsync(hash, content.AsMemory(1), offset: 0);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, damaged.StatusCode);
        Assert.Equal("hashMismatch", (await ApiServer.ProblemAsync(damaged)).Code);
        using HttpResponseMessage whole = await PutAsync(hash, content, offset: 0);
        Assert.Equal(HttpStatusCode.Created, whole.StatusCode);
        using HttpResponseMessage again = await PutAsync(hash, content, offset: 0);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task A_job_whose_inputs_are_sent_says_how_much_of_them()
    {
        await using AgentInTest agent = await AgentInTest.ConnectAsync(server, "with-inputs");
        var ordered = new TaskCompletionSource<RunOrder>();
        agent.Run = order =>
        {
            ordered.SetResult(order);
            return Task.CompletedTask;
        };
        byte[] content = RandomNumberGenerator.GetBytes(3 << 20);
        string hash = await PutAsync(content);
        string inputs = await ManifestAsync(File("in.bin") with { Hash = hash, Length = content.Length });
        JobInfo job = await server.SubmitAsync(JsonSerializer.Serialize(new { command = new[] { "true" }, site = "with-inputs", inputs }));
        RunOrder order = await ordered.Task;
        Assert.Equal("fetching inputs: agent 'root@with-inputs' lays them out", (await FindAsync(job.Id)).Situation?.Replace(Environment.UserName, "root", StringComparison.Ordinal));
        await server.NewUserAsync("neighbour");
        string ofAnotherUser = await server.NewAgentAsync("with-inputs", "neighbour");
        foreach (string foreign in new[] { await server.NewAgentAsync("without-inputs"), ofAnotherUser })
        {
            using HttpResponseMessage refused = await SendAsync(HttpMethod.Get, $"{AgentProtocol.InputsPath[1..]}{order.Attempt}", content: null, foreign);
            Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        }

        using HttpResponseMessage archive = await SendAsync(HttpMethod.Get, $"{AgentProtocol.InputsPath[1..]}{order.Attempt}", content: null, agent.Token);
        Assert.True((await archive.Content.ReadAsByteArrayAsync()).Length > content.Length);
        Assert.StartsWith("fetching inputs, 3 MiB of 3 MiB: ", (await FindAsync(job.Id)).Situation);
    }

    [Fact]
    public async Task A_pack_with_a_content_that_is_not_what_its_name_says_is_refused_as_a_whole()
    {
        byte[] good = "good"u8.ToArray();
        byte[] pack = InputPack.Of((InputPack.HashOf(good), good), (InputPack.HashOf("other"u8), "evil!"u8.ToArray()));
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "api/v1/inputs/pack", new ByteArrayContent(pack), server.Token);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        using HttpResponseMessage head = await SendAsync(HttpMethod.Head, $"api/v1/inputs/{InputPack.HashOf(good)}", content: null, server.Token);
        Assert.Equal("?0", head.Headers.GetValues("Upload-Complete").Single());
    }

    [Fact]
    public async Task A_pack_may_have_an_empty_content_and_the_same_one_twice()
    {
        byte[] some = RandomNumberGenerator.GetBytes(300);
        byte[] pack = [.. InputPack.Of(some), .. InputPack.Of(""u8), .. InputPack.Of(some)];
        for (int time = 0; time < 2; time++)
        {
            using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "api/v1/inputs/pack", new ByteArrayContent(pack), server.Token);
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        }

        foreach ((byte[] content, string length) in new[] { (some, "300"), ([], "0") })
        {
            using HttpResponseMessage head = await SendAsync(HttpMethod.Head, $"api/v1/inputs/{InputPack.HashOf(content)}", content: null, server.Token);
            Assert.Equal(("?1", length), (head.Headers.GetValues("Upload-Complete").Single(), head.Headers.GetValues("Upload-Offset").Single()));
        }
    }

    [Fact]
    public async Task A_pack_of_very_many_contents_is_refused()
    {
        byte[] pack = [.. Enumerable.Repeat(InputPack.Of(""u8), 10_001).SelectMany(each => each)];
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "api/v1/inputs/pack", new ByteArrayContent(pack), server.Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("at most 10000 contents", (await ApiServer.ProblemAsync(response)).Detail);
    }

    [Theory]
    [InlineData("nothing of the kind", "follows a line with its SHA-256")]
    [InlineData("{0} 5", "follows a line with its SHA-256")]
    [InlineData("{0} -5\nhello", "follows a line with its SHA-256")]
    [InlineData("{0}  5\nhello", "follows a line with its SHA-256")]
    [InlineData("{0}5\nhello", "follows a line with its SHA-256")]
    [InlineData("{1} 5\nhello", "follows a line with its SHA-256")]
    [InlineData("{0} 5\nhello\n", "follows a line with its SHA-256")]
    [InlineData("{0} 99999999999\nhello", "follows a line with its SHA-256")]
    [InlineData("{0} 131073\nhello", "has at most 128 KiB")]
    [InlineData("{0} 6\nhello", "ends within the content")]
    public async Task What_is_no_pack_is_refused_with_the_reason(string format, string reason)
    {
        string hash = InputPack.HashOf("hello"u8);
        string pack = string.Format(CultureInfo.InvariantCulture, format, hash, hash.ToUpperInvariant());
        using HttpResponseMessage response = await SendAsync(HttpMethod.Post, "api/v1/inputs/pack", new StringContent(pack), server.Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(reason, (await ApiServer.ProblemAsync(response)).Detail);
    }

    private async Task<JobInfo> FindAsync(JobId id)
    {
        using HttpResponseMessage response = await server.GetAsync($"api/v1/jobs/{id}");
        return (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.JobInfo))!;
    }

    private static InputEntry File(string path) =>
        new() { Path = path, Kind = InputKind.File, Hash = InputPack.HashOf(s_content), Length = s_content.Length };

    private async Task RefusedAsync(string inputs, string word, HttpStatusCode expected = HttpStatusCode.BadRequest)
    {
        (HttpStatusCode status, string detail) = await SubmitAsync(inputs);
        Assert.Equal(expected, status);
        Assert.Contains(word, detail);
    }

    private async Task<(HttpStatusCode Status, string Detail)> SubmitAsync(string inputs, string? token = null)
    {
        string json = JsonSerializer.Serialize(new { command = new[] { "true" }, inputs });
        using HttpResponseMessage response = await server.SendAsync(HttpMethod.Post, "api/v1/jobs", token ?? server.Token, json);
        return (response.StatusCode, response.IsSuccessStatusCode ? "" : (await ApiServer.ProblemAsync(response)).Detail!);
    }

    private Task<string> ManifestAsync(params InputEntry[] entries) => ManifestAsync(server.Token, entries);

    private Task<string> ManifestAsync(string token, params InputEntry[] entries) =>
        PutAsync(JsonSerializer.SerializeToUtf8Bytes(new InputManifest { Entries = entries }, ProtocolJson.Default.InputManifest), token);

    private async Task<string> PutAsync(byte[] content, string? token = null)
    {
        string hash = InputPack.HashOf(content);
        using HttpResponseMessage response = await PutAsync(hash, content, offset: 0, token);
        Assert.True(response.IsSuccessStatusCode);
        return hash;
    }

    private async Task<HttpResponseMessage> PutAsync(string hash, ReadOnlyMemory<byte> content, long offset, string? token = null)
    {
        using var body = new ReadOnlyMemoryContent(content);
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri($"api/v1/inputs/{hash}", UriKind.Relative)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? server.Token);
        request.Headers.Add("Upload-Offset", offset.ToString());
        return await server.Http.SendAsync(request);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, string token)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await server.Http.SendAsync(request);
    }
}
