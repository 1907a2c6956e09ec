using System.Text;

namespace Drover.Client.Tests.Transfers;

/// <summary>A file comes whole and as the agent sent it, over as many connections and calls as it takes, or not at all.</summary>
public sealed class DownloadTests : ClientTest, IDisposable
{
    private const string Request = "GET /api/v1/jobs/1/files/out/a.csv";
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-get-").FullName;

    private string Destination => Path.Combine(_folder, "a.csv");

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_later_call_goes_on_where_an_earlier_one_broke()
    {
        using DroverClient impatient = NewClient(options => options with { RetryFor = TimeSpan.Zero });
        Server.On(Request, Whole("3e8-d", "mercury,venus", cutAt: 8));
        await Assert.ThrowsAsync<ServerUnreachableException>(() => impatient.Job(new JobId(1)).DownloadAsync("out/a.csv", Destination));
        Assert.False(File.Exists(Destination));
        Assert.EndsWith("-3e8-d", Assert.Single(Directory.EnumerateFiles(_folder)));

        Server.On(Request, Part("3e8-d", "mercury,venus", from: 8));
        Assert.Equal(13, (await Job.DownloadAsync("out/a.csv", Destination)).Bytes);
        Assert.Equal("mercury,venus", await File.ReadAllTextAsync(Destination));
        Assert.Single(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public async Task A_file_that_changed_between_two_ranges_is_fetched_anew()
    {
        Server.On(Request, Whole("3e8-d", "mercury,venus", cutAt: 8), Whole("3e9-5", "earth"));
        Assert.Equal(5, (await Job.DownloadAsync("out/a.csv", Destination)).Bytes);
        Assert.Equal("earth", await File.ReadAllTextAsync(Destination));
        Assert.Single(Directory.EnumerateFiles(_folder));
    }

    [Fact]
    public async Task What_is_damaged_on_the_way_is_said_and_not_kept()
    {
        Server.On(Request, Whole("3e8-5", "earth", sumOf: "Earth"));
        await Assert.ThrowsAsync<DamagedTransferException>(() => Job.DownloadAsync("out/a.csv", Destination));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        await Assert.ThrowsAsync<DamagedTransferException>(() => Job.CopyFileAsync("out/a.csv", Stream.Null));
    }

    [Fact]
    public async Task The_checksum_is_that_of_the_whole_file_also_when_a_part_was_fetched_before()
    {
        Server.On(Request, Whole("3e8-d", "mercury,venus", cutAt: 8), Part("3e8-d", "MERCURY,venus", from: 8));
        await Assert.ThrowsAsync<DamagedTransferException>(() => Job.DownloadAsync("out/a.csv", Destination));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    /// <summary>All of a file with its checksum, or what the connection lets through of it.</summary>
    private static Answer Whole(string tag, string text, int? cutAt = null, string? sumOf = null) => async http =>
    {
        Begin(http.Response, tag, text.Length + Crc64.Length);
        byte[] bytes = [.. Encoding.UTF8.GetBytes(text), .. Sum(sumOf ?? text)];
        await http.Response.Body.WriteAsync(bytes.AsMemory(0, cutAt ?? bytes.Length));
    };

    /// <summary>The rest of it, for somebody who has what is before.</summary>
    private static Answer Part(string tag, string text, int from) => async http =>
    {
        Assert.Equal($"bytes={from}-", http.Request.Headers.Range.ToString());
        Assert.Equal($"\"{tag}\"", http.Request.Headers.IfRange.ToString());
        http.Response.StatusCode = 206;
        http.Response.Headers.ContentRange = $"bytes {from}-{text.Length - 1}/{text.Length}";
        Begin(http.Response, tag, text.Length - from + Crc64.Length);
        await http.Response.Body.WriteAsync((byte[])[.. Encoding.UTF8.GetBytes(text[from..]), .. Sum(text)]);
    };

    private static void Begin(Microsoft.AspNetCore.Http.HttpResponse response, string tag, int length)
    {
        response.Headers.ETag = $"\"{tag}\"";
        response.Headers["Drover-Digest"] = "crc-64";
        response.ContentLength = length;
    }

    private static byte[] Sum(string text)
    {
        var crc = default(Crc64);
        crc.Append(Encoding.UTF8.GetBytes(text));
        byte[] bytes = new byte[Crc64.Length];
        crc.Write(bytes);
        return bytes;
    }
}
