using System.IO.Pipelines;
using System.Security.Cryptography;
using Drover.Server.Configuration;
using Drover.Server.Inputs;
using Drover.Server.Tests.Api;
using Microsoft.AspNetCore.Connections;

namespace Drover.Server.Tests.Inputs;

/// <summary>Unused inputs are removed, and not those that come into use at that moment.</summary>
public sealed class InputSweepTests : IDisposable
{
    private const string Ada = "ada";
    private const int Rounds = 200;
    private static readonly byte[] s_content = RandomNumberGenerator.GetBytes(InputStore.SmallBytes + 1);
    private static readonly string s_hash = InputPack.HashOf(s_content);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_content_that_is_known_is_there_although_it_was_removed_while_it_was_uploaded_again()
    {
        await using InputStore store = Open();
        using InputQuota quota = Quota(store);
        for (int i = 0; i < Rounds; i++)
        {
            Task<StoredContent> upload = PutAsync(store, quota, 0, new MemoryStream(s_content));
            do
            {
                await SweepAllAsync(store);
            }
            while (!upload.IsCompleted);

            await upload;
            bool isKnown = (await store.UseStoredAsync(Ada, [s_hash]))[0] is not null;
            Assert.True(!isKnown || store.HasLarge(Ada, s_hash), $"round {i}");
        }
    }

    [Fact]
    public async Task A_content_whose_last_byte_came_long_ago_is_not_removed_on_its_way_to_the_disk()
    {
        await using InputStore store = Open();
        using InputQuota quota = Quota(store);
        for (int i = 0; i < Rounds / 10; i++)
        {
            await Assert.ThrowsAsync<ConnectionResetException>(() => PutAsync(store, quota, 0, new BreakingBody(s_content)));
            File.SetLastWriteTimeUtc(Directory.EnumerateFiles(_folder.Path, "*.part", SearchOption.AllDirectories).Single(), DateTime.UnixEpoch);
            await PutAsync(store, quota, s_content.Length, new MemoryStream());
            await store.SweepAsync(DateTimeOffset.UtcNow.AddDays(-1), new HashSet<(string, string)>());
            Assert.NotNull((await store.UseStoredAsync(Ada, [s_hash]))[0]);
            Assert.True(store.HasLarge(Ada, s_hash), $"round {i}");
            await SweepAllAsync(store);
            Assert.Empty(Directory.EnumerateFiles(Directory.EnumerateDirectories(_folder.Path).Single()));
        }
    }

    [Fact]
    public async Task An_upload_that_goes_on_while_what_is_left_of_it_is_removed_succeeds_or_begins_again()
    {
        await using InputStore store = Open();
        using InputQuota quota = Quota(store);
        for (int i = 0; i < Rounds; i++)
        {
            await Assert.ThrowsAsync<ConnectionResetException>(() => PutAsync(store, quota, 0, new BreakingBody(s_content.AsMemory(0, 1000))));
            Task sweep = SweepAllAsync(store);
            try
            {
                await PutAsync(store, quota, 1000, new MemoryStream(s_content[1000..]));
            }
            catch (InputException e)
            {
                Assert.Equal(("conflict", 0L), (e.Code, e.Offset));
            }

            await sweep;
            await store.WaitUntilOnDiskAsync(Ada, [s_hash]);
            await SweepAllAsync(store);
        }
    }

    [Fact]
    public async Task What_could_not_be_deleted_is_deleted_the_next_time()
    {
        await using InputStore store = Open();
        using InputQuota quota = Quota(store);
        await PutAsync(store, quota, 0, new MemoryStream(s_content));
        string folder = Directory.EnumerateDirectories(_folder.Path).Single();
        File.WriteAllBytes(Path.Combine(folder, s_hash + ".removed"), s_content);
        File.SetLastWriteTimeUtc(Path.Combine(folder, s_hash + ".removed"), DateTime.UnixEpoch);
        await store.SweepAsync(DateTimeOffset.UtcNow.AddDays(-1), new HashSet<(string, string)>());
        Assert.Equal([Path.Combine(folder, s_hash)], Directory.EnumerateFiles(folder));
    }

    private InputStore Open() => InputStore.Open(_folder.Path, TimeProvider.System);

    private InputQuota Quota(InputStore store) => new(store, _folder.Path, new InputOptions { Reserve = 0 }, TimeProvider.System);

    /// <summary>Removes everything that is known, and not needed this moment.</summary>
    private static Task SweepAllAsync(InputStore store) => store.SweepAsync(DateTimeOffset.UtcNow.AddDays(1), new HashSet<(string, string)>());

    private static async Task<StoredContent> PutAsync(InputStore store, InputQuota quota, long offset, Stream body)
    {
        using InputAdmission admission = await quota.AdmitAsync(Ada, s_hash, offset, bytes: null);
        return await store.PutAsync(Ada, s_hash, isHash: true, offset, PipeReader.Create(body), admission, default);
    }
}
