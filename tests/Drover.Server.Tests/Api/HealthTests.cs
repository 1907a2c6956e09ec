using System.Net;
using System.Net.Http.Json;

namespace Drover.Server.Tests.Api;

public sealed class HealthTests
{
    private static readonly Uri s_path = new("/healthz", UriKind.Relative);

    [Fact]
    public async Task A_server_that_works_says_so_to_whoever_asks()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        using HttpResponseMessage response = await server.Http.GetAsync(s_path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Health health = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.Health))!;
        Assert.True(health.IsHealthy);
        Assert.Equal(["loop", "store", "disk"], health.Checks.Select(check => check.Name));
        Assert.All(health.Checks, check => Assert.True(check.IsHealthy, check.Detail));
    }

    [Fact]
    public async Task A_full_disk_is_told_without_saying_where_it_is()
    {
        using var disk = new SmallDisk();
        string data = Path.Combine(disk.Path, "data");
        await using RunningServer server = await RunningServer.StartAsync(new ServerLaunch { DataFolder = data }, () => { });
        using var http = new HttpClient { BaseAddress = new Uri(server.Url) };
        disk.Fill();
        using HttpResponseMessage response = await http.GetAsync(s_path);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        string text = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain(disk.Path, text, StringComparison.Ordinal);
        Health health = System.Text.Json.JsonSerializer.Deserialize(text, ProtocolJson.Default.Health)!;
        Assert.False(health.IsHealthy);
        Assert.Equal("the disk is full", health.Checks.Single(check => check.Name == "disk").Detail);
        Assert.True(health.Checks.Single(check => check.Name == "loop").IsHealthy);
    }
}
