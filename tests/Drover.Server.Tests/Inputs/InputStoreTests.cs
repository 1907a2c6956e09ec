using System.IO.Pipelines;
using System.Security.Cryptography;
using Drover.Protocol.Files;
using Drover.Server.Configuration;
using Drover.Server.Inputs;
using Drover.Server.Storage;
using Drover.Server.Tests.Api;
using Microsoft.AspNetCore.Connections;

namespace Drover.Server.Tests.Inputs;

/// <summary>Contents come in pieces, over connections that break, and are kept when they are what their hash says.</summary>
public sealed class InputStoreTests : IDisposable
{
    private const string Ada = "ada";
    private static readonly byte[] s_content = RandomNumberGenerator.GetBytes(3_000_000);
    private static readonly string s_hash = InputPack.HashOf(s_content);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(300_000)]
    [InlineData(2_999_999)]
    public async Task An_upload_that_broke_goes_on_where_it_broke(int length)
    {
        await using InputStore store = Open();
        await Assert.ThrowsAsync<ConnectionResetException>(() => PutAsync(store, s_hash, 0, s_content.AsMemory(0, length), breaks: true));
        Assert.Equal((length, false), await store.FindAsync(Ada, s_hash));
        StoredContent stored = await PutAsync(store, s_hash, length, s_content.AsMemory(length));
        Assert.Equal(new StoredContent(s_hash, IsNew: true, Crc: null), stored);
        Assert.Equal((s_content.Length, true), await store.FindAsync(Ada, s_hash));
        Assert.Equal(s_content, await store.ReadAsync(Ada, s_hash, int.MaxValue));
    }

    [Fact]
    public async Task What_comes_without_its_hash_gets_that_and_a_checksum_of_all_of_it_also_when_it_came_in_two_parts()
    {
        await using InputStore store = Open();
        string name = new('a', InputRules.HashLength);
        await Assert.ThrowsAsync<ConnectionResetException>(() => PutAsync(store, name, 0, s_content.AsMemory(0, 1_000_000), isHash: false, breaks: true));
        StoredContent stored = await PutAsync(store, name, 1_000_000, s_content.AsMemory(1_000_000), isHash: false);
        var crc = default(Crc64);
        crc.Append(s_content);
        Assert.Equal(new StoredContent(s_hash, IsNew: true, crc.ToString()), stored);
        Assert.Equal((0, false), await store.FindAsync(Ada, name));
    }

    [Fact]
    public async Task A_part_that_does_not_begin_where_the_other_ends_is_refused_with_the_place()
    {
        await using InputStore store = Open();
        await Assert.ThrowsAsync<ConnectionResetException>(() => PutAsync(store, s_hash, 0, s_content.AsMemory(0, 500_000), breaks: true));
        InputException refused = await Assert.ThrowsAsync<InputException>(() => PutAsync(store, s_hash, 600_000, s_content.AsMemory(600_000)));
        Assert.Equal(("conflict", 500_000L), (refused.Code, refused.Offset));
    }

    [Fact]
    public async Task What_is_not_what_its_hash_says_leaves_nothing()
    {
        await using InputStore store = Open();
        byte[] other = [.. s_content];
        other[1_234_567] ^= 1;
        InputException refused = await Assert.ThrowsAsync<InputException>(() => PutAsync(store, s_hash, 0, other));
        Assert.Equal("hashMismatch", refused.Code);
        Assert.Equal((0, false), await store.FindAsync(Ada, s_hash));
        Assert.Empty(Directory.EnumerateFiles(Directory.EnumerateDirectories(_folder.Path).Single()));
    }

    [Fact]
    public async Task A_second_upload_takes_over_from_one_whose_connection_hangs()
    {
        await using InputStore store = Open();
        var hanging = new Pipe();
        using InputAdmission admission = await AdmitAsync(store, s_hash, 0);
        Task<StoredContent> first = store.PutAsync(Ada, s_hash, isHash: true, 0, hanging.Reader, admission, default);
        await hanging.Writer.WriteAsync(s_content.AsMemory(0, 400_000));
        StoredContent second = await PutAsync(store, s_hash, 0, s_content);
        Assert.True(second.IsNew);
        Assert.Equal("conflict", (await Assert.ThrowsAsync<InputException>(() => first)).Code);
    }

    [Fact]
    public async Task What_was_uploaded_is_known_at_once_and_to_the_next_server_when_it_is_on_disk()
    {
        await using (InputStore store = Open())
        {
            await PutAsync(store, s_hash, 0, s_content);
            Assert.Empty(await store.MissingAsync(Ada, [s_hash]));
            Assert.True(await store.HasLengthAsync(Ada, s_content.Length));
            Assert.Equal([s_hash], await store.MissingAsync("eve", [s_hash]));
            Assert.False(await store.HasLengthAsync("eve", s_content.Length));
            await store.WaitUntilOnDiskAsync(Ada, [s_hash]);
            Assert.Empty(await store.MissingAsync(Ada, [s_hash]));
            Assert.True(await store.HasLengthAsync(Ada, s_content.Length));
        }

        await using InputStore next = Open();
        Assert.Empty(await next.MissingAsync(Ada, [s_hash]));
        Assert.Equal(s_content, await next.ReadAsync(Ada, s_hash, int.MaxValue));
    }

    [Fact]
    public async Task A_full_disk_is_said_and_the_upload_goes_on_when_there_is_room()
    {
        using var disk = new SmallDisk(megabytes: 8);
        await using InputStore store = InputStore.Open(Path.Combine(disk.Path, "inputs"), TimeProvider.System);
        await Assert.ThrowsAsync<ConnectionResetException>(() => PutAsync(store, s_hash, 0, s_content.AsMemory(0, 1_000_000), breaks: true));
        disk.Fill();
        StorageException full = await Assert.ThrowsAsync<StorageException>(() => PutAsync(store, s_hash, 1_000_000, s_content.AsMemory(1_000_000)));
        Assert.Equal(StorageFailure.DiskFull, full.Failure);
        disk.MakeRoom();
        (long there, bool isComplete) = await store.FindAsync(Ada, s_hash);
        Assert.False(isComplete);
        Assert.InRange(there, 1_000_000, s_content.Length - 1);
        Assert.Equal(s_hash, (await PutAsync(store, s_hash, there, s_content.AsMemory((int)there))).Hash);
    }

    private InputStore Open() => InputStore.Open(_folder.Path, TimeProvider.System);

    /// <summary>Sends some bytes; then the body ends, or its connection breaks.</summary>
    private static async Task<StoredContent> PutAsync(
        InputStore store, string name, long offset, ReadOnlyMemory<byte> bytes, bool isHash = true, bool breaks = false)
    {
        using InputAdmission admission = await AdmitAsync(store, name, offset);
        return await store.PutAsync(Ada, name, isHash, offset, PipeReader.Create(breaks ? new BreakingBody(bytes) : new MemoryStream(bytes.ToArray())), admission, default);
    }

    private static Task<InputAdmission> AdmitAsync(InputStore store, string name, long offset) =>
        new InputQuota(store, Path.GetTempPath(), new InputOptions { Reserve = 0 }, TimeProvider.System).AdmitAsync(Ada, name, offset, bytes: null);
}
