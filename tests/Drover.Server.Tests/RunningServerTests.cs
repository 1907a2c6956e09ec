using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Drover.Server.Tests.Api;

namespace Drover.Server.Tests;

public sealed class RunningServerTests
{
    /// <summary>What the kernel says of a connection on which nothing happens, and that it will look after.</summary>
    private const string KeepAliveTimer = "02:";

    [Fact]
    public async Task The_kernel_looks_whether_the_other_side_of_a_connection_is_still_there()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "it is read from /proc");
        await using var server = new ApiServer();
        await server.InitializeAsync();
        Uri url = server.Http.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port);
        string remote = Show((IPEndPoint)client.Client.LocalEndPoint!);
        string local = Show((IPEndPoint)client.Client.RemoteEndPoint!);
        string[] connection = (await File.ReadAllLinesAsync("/proc/net/tcp")).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Single(
            fields => fields[1].EndsWith(local, StringComparison.Ordinal) && fields[2].EndsWith(remote, StringComparison.Ordinal));
        Assert.StartsWith(KeepAliveTimer, connection[5], StringComparison.Ordinal);
    }

    private static string Show(IPEndPoint endpoint) => string.Create(CultureInfo.InvariantCulture, $":{endpoint.Port:X4}");
}
