using System.IO.Pipelines;
using System.Security.Cryptography;
using Drover.Server.Configuration;
using Drover.Server.Inputs;
using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Server.Tests.Inputs;

/// <summary>Uploads leave room on the disk, and to other users.</summary>
public sealed class InputQuotaTests : IDisposable
{
    private const string Ada = "ada";
    private const int Megabyte = 1 << 20;

    private readonly TemporaryFolder _folder = new();
    private readonly Clock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_user_has_stored_and_what_is_coming_count_and_others_are_not_touched()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = 3 * Megabyte, Reserve = 0 });
        string first = await PutAsync(store, quota, Megabyte);
        using (await quota.AdmitAsync(Ada, Name(1), 0, Megabyte))
        {
            RequestRefusedException refused = await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(2), 0, Megabyte + 1));
            Assert.Equal("quotaExceeded", refused.Code);
            Assert.StartsWith("This upload of 1 MiB does not fit: 2 MiB of the 3 MiB that each user may have", refused.Message);
            Assert.Contains("7d", refused.Message);
            (await quota.AdmitAsync("ben", Name(2), 0, 3 * Megabyte)).Dispose();
        }

        _clock.Now += TimeSpan.FromSeconds(2);
        (await quota.AdmitAsync(Ada, Name(2), 0, 2 * Megabyte)).Dispose(); // The other one brought nothing.
        await store.WaitUntilOnDiskAsync(Ada, [first]);
    }

    [Fact]
    public async Task Small_contents_and_what_is_left_of_broken_uploads_count()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = Megabyte, Reserve = 0 });
        byte[] small = RandomNumberGenerator.GetBytes(100_000);
        await store.AddAsync(Ada, [new SmallContent(SHA256.HashData(small), small)]);
        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, name: null, 0, Megabyte - 99_999));
        using (await quota.AdmitAsync(Ada, Name(1), 0, Megabyte - 100_000))
        {
            var broken = PipeReader.Create(new MemoryStream(RandomNumberGenerator.GetBytes(500_000)));
            await Assert.ThrowsAsync<InputException>(() => store.PutAsync(Ada, Name(1), isHash: true, 0, broken, default)); // Gone: its hash is wrong.
        }

        File.WriteAllBytes(Path.Combine(Directory.GetDirectories(_folder.Path).Single(), Name(1) + ".part"), new byte[500_000]);
        _clock.Now += TimeSpan.FromSeconds(2);
        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(2), 0, Megabyte - 599_999));
        (await quota.AdmitAsync(Ada, Name(1), 500_000, Megabyte - 600_000)).Dispose(); // It goes on.
    }

    [Fact]
    public async Task There_is_room_again_when_inputs_have_expired()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = Megabyte, Reserve = 0 });
        string hash = await PutAsync(store, quota, Megabyte);
        await store.WaitUntilOnDiskAsync(Ada, [hash]);
        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(1), 0, Megabyte));
        Assert.Equal(1, await store.SweepAsync(DateTimeOffset.UtcNow.AddMinutes(1), new HashSet<(string, string)>()));
        _clock.Now += TimeSpan.FromSeconds(2);
        (await quota.AdmitAsync(Ada, Name(1), 0, Megabyte)).Dispose();
    }

    [Fact]
    public async Task The_reserve_of_the_disk_is_left_by_uploads_that_run_at_the_same_time()
    {
        using var disk = new SmallDisk(megabytes: 8);
        await using InputStore store = Open(disk.Path);
        InputQuota quota = Quota(store, new InputOptions { Reserve = 3 * Megabyte }, disk.Path);
        using (await quota.AdmitAsync(Ada, Name(1), 0, 3 * Megabyte))
        {
            StorageException full = await Assert.ThrowsAsync<StorageException>(() => quota.AdmitAsync("ben", Name(2), 0, 2 * Megabyte));
            Assert.Equal(StorageFailure.DiskFull, full.Failure);
            Assert.Contains("uploads leave 3 MiB of them to the server ('inputs.reserve')", full.Message);
            using InputAdmission unknown = await quota.AdmitAsync("ben", Name(2), 0, bytes: null);
            Assert.InRange(unknown.Most, 1, 2 * Megabyte);
        }

        (await quota.AdmitAsync("ben", Name(2), 0, 2 * Megabyte)).Dispose();
    }

    [Fact]
    public async Task By_default_a_twentieth_of_the_disk_is_left()
    {
        using var disk = new SmallDisk(megabytes: 20);
        await using InputStore store = Open(disk.Path);
        InputQuota quota = Quota(store, new InputOptions(), disk.Path);
        StorageException full = await Assert.ThrowsAsync<StorageException>(() => quota.AdmitAsync(Ada, Name(1), 0, 20 * Megabyte));
        Assert.Contains("uploads leave 1 MiB", full.Message);
    }

    private static InputStore Open(string folder) => InputStore.Open(folder, TimeProvider.System);

    private InputQuota Quota(InputStore store, InputOptions options, string? folder = null) => new(store, folder ?? _folder.Path, options, _clock);

    private static string Name(int number) => new((char)('a' + number), 64);

    private static async Task<string> PutAsync(InputStore store, InputQuota quota, int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        string hash = Convert.ToHexStringLower(SHA256.HashData(content));
        using InputAdmission admission = await quota.AdmitAsync(Ada, hash, 0, length);
        return (await store.PutAsync(Ada, hash, isHash: true, 0, PipeReader.Create(new MemoryStream(content)), default)).Hash;
    }

    private sealed class Clock : TimeProvider
    {
        internal DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
