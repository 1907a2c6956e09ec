using System.IO.Pipelines;
using System.Security.Cryptography;
using Drover.Server.Configuration;
using Drover.Server.Inputs;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Connections;

namespace Drover.Server.Tests.Inputs;

/// <summary>Uploads leave room on the disk, and to other users.</summary>
public sealed class InputQuotaTests : IDisposable
{
    private const string Ada = "ada";
    private const int Megabyte = 1 << 20;
    private const int PerFile = CountedFolder.FileOverhead;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_user_has_stored_and_what_is_coming_count_and_others_are_not_touched()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = 3 * Megabyte, Reserve = 0 });
        await PutAsync(store, quota, Megabyte);
        using (await quota.AdmitAsync(Ada, Name(1), 0, Megabyte))
        {
            RequestRefusedException refused = await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(2), 0, Megabyte + 1));
            Assert.Equal("quotaExceeded", refused.Code);
            Assert.StartsWith("This upload of 1 MiB does not fit: 2 MiB of the 3 MiB that each user may have", refused.Message);
            Assert.Contains("7d", refused.Message);
            (await quota.AdmitAsync("ben", Name(2), 0, 3 * Megabyte)).Dispose();
        }

        (await quota.AdmitAsync(Ada, Name(2), 0, (2 * Megabyte) - PerFile)).Dispose(); // The other one brought nothing.
    }

    [Fact]
    public async Task What_there_is_counts_also_after_a_restart_and_not_twice_on_its_way_to_the_disk()
    {
        await using (InputStore store = Open(_folder.Path))
        {
            InputQuota quota = Quota(store, new InputOptions { Quota = 3 * Megabyte, Reserve = 0 });
            await store.WaitUntilOnDiskAsync(Ada, [await PutAsync(store, quota, Megabyte)]);
            await PutAsync(store, quota, 100_000);
            await BreakAsync(store, quota, Name(1), 500_000);
            await CheckAsync(quota);
        }

        await using InputStore next = Open(_folder.Path);
        await CheckAsync(Quota(next, new InputOptions { Quota = 3 * Megabyte, Reserve = 0 }));

        static async Task CheckAsync(InputQuota quota)
        {
            const int Left = (2 * Megabyte) - 100_200 - 500_000 - (2 * PerFile); // The small one is in the database.
            await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(2), 0, Left + 1));
            (await quota.AdmitAsync(Ada, Name(2), 0, Left)).Dispose();
        }
    }

    [Fact]
    public async Task Small_contents_count_with_what_keeping_them_takes_and_only_once()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = Megabyte, Reserve = 0 });
        (await quota.AdmitPackAsync(Ada, Megabyte)).Dispose();
        SmallContent[] contents = [.. Enumerable.Range(0, 100).Select(i => (byte[])[(byte)i]).Select(each => new SmallContent(SHA256.HashData(each), each))];
        using InputAdmission pack = await quota.AdmitPackAsync(Ada, 100 * 76);
        await store.AddAsync(Ada, contents, pack);
        await store.AddAsync(Ada, contents, pack);
        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitPackAsync(Ada, Megabyte - (100 * 201) + 1));
        (await quota.AdmitPackAsync(Ada, Megabyte - (100 * 201))).Dispose(); // Though the pack is not quite over.
    }

    [Fact]
    public async Task Packs_that_are_coming_count_for_each_other_and_for_large_contents()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = 2 * Megabyte, Reserve = 0 });
        using (await quota.AdmitPackAsync(Ada, Megabyte))
        {
            (await quota.AdmitPackAsync(Ada, Megabyte)).Dispose();
            await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitPackAsync(Ada, Megabyte + 1));
            await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(1), 0, Megabyte + 1));
            using InputAdmission chunked = await quota.AdmitAsync(Ada, Name(2), 0, null);
            chunked.Take(Megabyte);
            Assert.Throws<RequestRefusedException>(() => chunked.Take(1));
        }

        (await quota.AdmitPackAsync(Ada, Megabyte)).Dispose();
    }

    [Fact]
    public async Task What_is_left_of_a_broken_upload_counts_unless_it_goes_on_or_begins_again()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = Megabyte, Reserve = 0 });
        await BreakAsync(store, quota, Name(1), 600_000);
        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(2), 0, Megabyte - 600_000 - PerFile + 1));
        (await quota.AdmitAsync(Ada, Name(1), 600_000, Megabyte - 600_000 - PerFile)).Dispose();
        (await quota.AdmitAsync(Ada, Name(1), 0, Megabyte)).Dispose();
        await BreakAsync(store, quota, Name(1), 300_000);
        (await quota.AdmitAsync(Ada, Name(2), 0, Megabyte - 300_000 - PerFile)).Dispose();
    }

    [Fact]
    public async Task Uploads_that_broke_at_once_count_so_that_there_are_not_too_many_files_of_them()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = 3 * (PerFile + 1), Reserve = 0 });
        for (int i = 0; i < 3; i++)
        {
            await BreakAsync(store, quota, Name(i), 1);
        }

        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(3), 0, 1));
        (await quota.AdmitAsync(Ada, Name(0), 0, PerFile + 1)).Dispose(); // It takes the place of one of them.
    }

    [Fact]
    public async Task Uploads_that_broke_have_a_bound_in_number_also_without_a_quota_until_they_have_expired()
    {
        await using (InputStore before = Open(_folder.Path))
        {
            using InputQuota first = Quota(before, new InputOptions { Reserve = 0 });
            await BreakAsync(before, first, Name(0), 1);
        }

        string folder = Directory.EnumerateDirectories(_folder.Path).Single();
        for (int i = 2; i < CountedFolder.MostUnfinished; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"{i:x64}.part"), [1]);
        }

        await using InputStore store = Open(_folder.Path);
        using InputQuota quota = Quota(store, new InputOptions { Reserve = 0 });
        await BreakAsync(store, quota, Name(1), 1);
        RequestRefusedException refused = await Assert.ThrowsAsync<RequestRefusedException>(() => PutAsync(store, quota, Megabyte));
        Assert.StartsWith("10,000 uploads of yours have begun and not ended", refused.Message);
        await BreakAsync(store, quota, Name(1), 2); // It begins again, and is no other one.
        await store.SweepAsync(DateTimeOffset.UtcNow.AddMinutes(1), new HashSet<(string, string)>());
        await PutAsync(store, quota, Megabyte);
        await PutAsync(store, quota, 1000);
        Assert.Single(Directory.EnumerateFiles(folder));
    }

    [Fact]
    public async Task An_upload_that_broke_before_its_first_byte_leaves_nothing_and_counts_nothing()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = Megabyte, Reserve = 0 });
        await BreakAsync(store, quota, Name(1), 0);
        Assert.Empty(Directory.EnumerateFiles(Directory.EnumerateDirectories(_folder.Path).Single()));
        (await quota.AdmitAsync(Ada, Name(2), 0, Megabyte)).Dispose();
    }

    [Fact]
    public async Task An_upload_takes_the_place_of_one_of_the_same_name()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = Megabyte, Reserve = 0 });
        using InputAdmission hanging = await quota.AdmitAsync(Ada, Name(1), 0, Megabyte);
        using (await quota.AdmitAsync(Ada, Name(1), 0, Megabyte))
        {
            hanging.Dispose();
            await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(2), 0, 1));
        }

        (await quota.AdmitAsync(Ada, Name(2), 0, Megabyte)).Dispose();
    }

    [Fact]
    public async Task A_stored_content_counts_while_it_is_uploaded_again()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = 2 * Megabyte, Reserve = 0 });
        string hash = await PutAsync(store, quota, Megabyte);
        using InputAdmission again = await quota.AdmitAsync(Ada, hash, 0, 1);
        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(1), 0, Megabyte));
    }

    [Fact]
    public async Task There_is_room_again_when_inputs_have_expired()
    {
        await using InputStore store = Open(_folder.Path);
        InputQuota quota = Quota(store, new InputOptions { Quota = Megabyte, Reserve = 0 });
        await store.WaitUntilOnDiskAsync(Ada, [await PutAsync(store, quota, 500_000)]);
        await PutAsync(store, quota, 100_000);
        await BreakAsync(store, quota, Name(1), 300_000);
        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(2), 0, Megabyte));
        Assert.Equal(2, await store.SweepAsync(DateTimeOffset.UtcNow.AddMinutes(1), new HashSet<(string, string)>()));
        (await quota.AdmitAsync(Ada, Name(2), 0, Megabyte)).Dispose();
        await Assert.ThrowsAsync<RequestRefusedException>(() => quota.AdmitAsync(Ada, Name(2), 0, Megabyte + 1));
    }

    [Fact]
    public async Task An_upload_that_stalls_takes_no_room_of_the_disk_that_it_does_not_fill()
    {
        using var disk = new SmallDisk(megabytes: 8);
        await using InputStore store = Open(disk.Path);
        InputQuota quota = Quota(store, new InputOptions { Reserve = 3 * Megabyte }, disk.Path);
        using InputAdmission stalled = await quota.AdmitAsync(Ada, Name(1), 0, 4 * Megabyte);
        (await quota.AdmitAsync("ben", Name(2), 0, 4 * Megabyte)).Dispose();
        StorageException full = await Assert.ThrowsAsync<StorageException>(() => quota.AdmitAsync("ben", Name(2), 0, 6 * Megabyte));
        Assert.Equal(StorageFailure.DiskFull, full.Failure);
        Assert.Contains("uploads leave 3 MiB of them to the server ('inputs.reserve')", full.Message);
    }

    [Theory]
    [InlineData(14 * Megabyte)]
    [InlineData(null)]
    public async Task An_upload_is_broken_off_at_the_reserve_and_goes_on_when_there_is_room(int? length)
    {
        using var disk = new SmallDisk(megabytes: 20);
        await using InputStore store = Open(disk.Path);
        InputQuota quota = Quota(store, new InputOptions { Reserve = 5 * Megabyte }, disk.Path);
        byte[] content = RandomNumberGenerator.GetBytes(14 * Megabyte);
        string hash = Convert.ToHexStringLower(SHA256.HashData(content));
        using InputAdmission admission = await quota.AdmitAsync(Ada, hash, 0, length);
        string other = Path.Combine(disk.Path, "other");
        File.WriteAllBytes(other, new byte[7 * Megabyte]); // Somebody else was faster.
        StorageException full = await Assert.ThrowsAsync<StorageException>(() => store.PutAsync(Ada, hash, isHash: true, 0, BodyOf(content), admission, default));
        Assert.Equal(StorageFailure.DiskFull, full.Failure);
        Assert.InRange(new DriveInfo(disk.Path).AvailableFreeSpace, 4 * Megabyte, 20 * Megabyte);
        File.Delete(other);
        (long there, _) = await store.FindAsync(Ada, hash);
        Assert.InRange(there, 3 * Megabyte, 9 * Megabyte);
        using InputAdmission rest = await quota.AdmitAsync(Ada, hash, there, length - there);
        Assert.Equal(hash, (await store.PutAsync(Ada, hash, isHash: true, there, BodyOf(content[(int)there..]), rest, default)).Hash);
    }

    [Fact]
    public async Task An_upload_that_stalls_is_broken_off_at_the_reserve()
    {
        using var disk = new SmallDisk(megabytes: 20);
        await using InputStore store = Open(disk.Path);
        InputQuota quota = Quota(store, new InputOptions { Reserve = 5 * Megabyte }, disk.Path);
        using InputAdmission admission = await quota.AdmitAsync(Ada, Name(1), 0, 14 * Megabyte);
        var stalling = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        Task<StoredContent> upload = store.PutAsync(Ada, Name(1), isHash: true, 0, stalling.Reader, admission, default);
        await stalling.Writer.WriteAsync(new byte[(4 * Megabyte) - 300_000]);
        while (store.UnfinishedBytes(Ada, Name(1)) < (4 * Megabyte) - 600_000)
        {
            await Task.Delay(5);
        }

        File.WriteAllBytes(Path.Combine(disk.Path, "other"), new byte[12 * Megabyte]);
        await stalling.Writer.WriteAsync(new byte[600_000]); // The disk is looked at in the middle of it.
        StorageException full = await Assert.ThrowsAsync<StorageException>(() => upload.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(StorageFailure.DiskFull, full.Failure);
    }

    [Fact]
    public async Task An_upload_of_which_nothing_comes_is_ended_and_keeps_what_has_come()
    {
        var clock = new StoppedClock();
        await using InputStore store = Open(_folder.Path);
        using InputQuota quota = Quota(store, new InputOptions { Quota = Megabyte, Reserve = 0 }, time: clock);
        var stopped = new Pipe();
        using (InputAdmission admission = await quota.AdmitAsync(Ada, Name(1), 0, Megabyte - PerFile))
        {
            Task<StoredContent> upload = store.PutAsync(Ada, Name(1), isHash: true, 0, stopped.Reader, admission, default);
            await stopped.Writer.WriteAsync(new byte[1000]);
            for (int i = 0; i < 10_000 && !upload.IsCompleted; i++)
            {
                clock.FireTimers();
                await Task.Delay(5);
            }

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload);
        }

        Assert.Equal((1000, false), await store.FindAsync(Ada, Name(1)));
        (await quota.AdmitAsync(Ada, Name(2), 0, Megabyte - 1000 - PerFile)).Dispose();
    }

    [Fact]
    public async Task An_upload_that_is_slow_or_waits_for_the_server_goes_on()
    {
        var clock = new StoppedClock();
        await using InputStore store = Open(_folder.Path);
        using InputQuota quota = Quota(store, new InputOptions { Reserve = 0 }, time: clock);
        using InputAdmission admission = await quota.AdmitAsync(Ada, Name(1), 0, null);
        Look(10); // What has come before is hashed.
        for (int i = 0; i < 10; i++)
        {
            admission.BeginWait();
            Look(3);
            admission.EndWait();
        }

        Look(10); // The disk is slow.
        Assert.False(admission.Silence.IsCancellationRequested);
        admission.BeginWait();
        Look(4);
        Assert.True(admission.Silence.IsCancellationRequested);

        void Look(int times)
        {
            for (int i = 0; i < times; i++)
            {
                clock.FireTimers();
            }
        }
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

    private InputQuota Quota(InputStore store, InputOptions options, string? folder = null, TimeProvider? time = null) =>
        new(store, folder ?? _folder.Path, options, time ?? TimeProvider.System);

    private static string Name(int number) => new((char)('a' + number), 64);

    private static PipeReader BodyOf(byte[] content) => PipeReader.Create(new MemoryStream(content));

    private static async Task<string> PutAsync(InputStore store, InputQuota quota, int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        string hash = Convert.ToHexStringLower(SHA256.HashData(content));
        using InputAdmission admission = await quota.AdmitAsync(Ada, hash, 0, length);
        return (await store.PutAsync(Ada, hash, isHash: true, 0, BodyOf(content), admission, default)).Hash;
    }

    /// <summary>Begins an upload anew, which breaks after so many bytes.</summary>
    private static async Task BreakAsync(InputStore store, InputQuota quota, string name, int length)
    {
        using InputAdmission admission = await quota.AdmitAsync(Ada, name, 0, length + 1);
        await Assert.ThrowsAsync<ConnectionResetException>(() => store.PutAsync(Ada, name, isHash: true, 0, PipeReader.Create(new BreakingBody(new byte[length])), admission, default));
    }
}
