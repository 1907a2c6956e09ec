using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Drover.Client.Tests.Transfers;

/// <summary>What is sent is what was hashed; what the server has already is not sent.</summary>
public sealed class UploadTests : ClientTest, IDisposable
{
    private const string Ask = "POST /api/v1/inputs/missing";
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-put-").FullName;
    private readonly byte[] _content = RandomNumberGenerator.GetBytes(1_000_000);

    private string Input => Path.Combine(_folder, "in.bin");

    private string ContentPath => $"/api/v1/inputs/{Convert.ToHexStringLower(SHA256.HashData(_content))}";

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_upload_goes_on_where_the_server_says()
    {
        await File.WriteAllBytesAsync(Input, _content);
        byte[] got = [];
        Server.On(Ask, Missing(all: true), Missing(all: false)).On($"HEAD {ContentPath}", There(400_000)).On($"PUT {ContentPath}", async http =>
        {
            Assert.Equal("400000", http.Request.Headers["Upload-Offset"].ToString());
            got = await BodyAsync(http);
        });
        await Client.UploadInputsAsync([new UploadSource(Input)]);
        Assert.Equal(_content[400_000..], got);
    }

    [Fact]
    public async Task After_a_broken_connection_it_asks_again_and_goes_on()
    {
        await File.WriteAllBytesAsync(Input, _content);
        byte[] got = [];
        Server.On(Ask, Missing(all: true), Missing(all: false))
            .On($"HEAD {ContentPath}", There(0), There(123_456))
            .On($"PUT {ContentPath}", Answers.Break, async http => got = await BodyAsync(http));
        await Client.UploadInputsAsync([new UploadSource(Input)]);
        Assert.Equal(_content[123_456..], got);
    }

    [Fact]
    public async Task A_file_that_changes_meanwhile_is_named()
    {
        await File.WriteAllBytesAsync(Input, _content);
        Server.On(Ask, Missing(all: true)).On($"HEAD {ContentPath}", There(0)).On($"PUT {ContentPath}", async http =>
        {
            await BodyAsync(http);
            await File.AppendAllTextAsync(Input, "more");
        });
        InputRefusedException refused = await Assert.ThrowsAsync<InputRefusedException>(() => Client.UploadInputsAsync([new UploadSource(Input)]));
        Assert.Contains("in.bin' changed while it was uploaded", refused.Message);
    }

    [Fact]
    public async Task A_file_that_becomes_shorter_or_vanishes_before_it_is_sent_is_named()
    {
        await File.WriteAllBytesAsync(Input, _content);
        Server.On(Ask, Answers.After(() => File.WriteAllText(Input, "short"), Missing(all: true))).On($"HEAD {ContentPath}", There(0)).On($"PUT {ContentPath}", async http => await BodyAsync(http));
        await Assert.ThrowsAsync<InputRefusedException>(() => Client.UploadInputsAsync([new UploadSource(Input)]));
        await File.WriteAllBytesAsync(Input, _content);
        Server.On(Ask, Answers.After(() => File.Delete(Input), Missing(all: true)));
        await Assert.ThrowsAsync<InputRefusedException>(() => Client.UploadInputsAsync([new UploadSource(Input)]));
    }

    [Fact]
    public async Task A_large_file_is_sent_without_its_hash_and_compared_by_a_checksum_of_both_ends()
    {
        byte[] large = RandomNumberGenerator.GetBytes(17 << 20);
        await File.WriteAllBytesAsync(Input, large);
        string hash = Convert.ToHexStringLower(SHA256.HashData(large));
        var crc = default(Crc64);
        crc.Append(large);
        string sum = crc.ToString();
        Server.On(Ask, Missing(all: false)).OnAny(async http =>
        {
            if (HttpMethods.IsHead(http.Request.Method))
            {
                await There(0)(http);
                return;
            }

            Assert.Equal("true", http.Request.Query["unhashed"].ToString());
            Assert.Equal(large, await BodyAsync(http));
            http.Response.Headers["Upload-Hash"] = hash;
            http.Response.Headers["Upload-Crc64"] = sum;
        });
        await Client.UploadInputsAsync([new UploadSource(Input)]);
        sum = "0123456789abcdef";
        await Assert.ThrowsAsync<DamagedTransferException>(() => Client.UploadInputsAsync([new UploadSource(Input)]));
    }

    private static Answer There(long offset) => http =>
    {
        http.Response.Headers["Upload-Offset"] = offset.ToString();
        http.Response.Headers["Upload-Complete"] = "?0";
        return Task.CompletedTask;
    };

    /// <summary>Says that all that is asked about is missing, or nothing.</summary>
    private static Answer Missing(bool all) => async http =>
    {
        HashList asked = (await http.Request.ReadFromJsonAsync(ProtocolJson.Default.HashList))!;
        await Answers.Json(all ? asked : new HashList { Hashes = [] }, ProtocolJson.Default.HashList)(http);
    };

    private static async Task<byte[]> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }
}
