using System.Buffers;
using System.Diagnostics;
using System.Globalization;

namespace Drover.Bench.Jobs;

/// <summary>What the cases about files transfer, and the client that downloads for every peer.</summary>
internal static class Transfers
{
    public const int SmallFiles = 20_000;

    private const int SmallFilesWarm = 1_000;
    private const int BlockSize = 256 << 10;
    private const int Seed = 4;
    private const long WarmBytes = 64 << 20;

    /// <summary>How much a large file has; <c>DROVER_BENCH_MB</c> makes it smaller while one works on the code.</summary>
    public static long LargeBytes { get; } = Megabytes(2048);

    /// <summary>How much a long log has.</summary>
    public static long LogBytes { get; } = Megabytes(5120);

    /// <summary>Measures a transfer of a large file, after one of a small one. What it finds are MB/s.</summary>
    public static async Task<double> RateAsync(Func<long, Task<TimeSpan>> transfer)
    {
        await transfer(WarmBytes);
        return Rate(await transfer(LargeBytes));
    }

    /// <summary>Measures an upload, and how long it takes until it is on disk.</summary>
    public static async Task<Figures> UploadAsync(Func<long, Task<(TimeSpan There, TimeSpan OnDisk)>> upload)
    {
        await upload(WarmBytes);
        var (there, onDisk) = await upload(LargeBytes);
        return Figures.Of(("upload-2g", Rate(there)), ("upload-2g-on-disk", Rate(onDisk)));
    }

    private static double Rate(TimeSpan time) => LargeBytes / 1e6 / time.TotalSeconds;

    /// <summary>Measures a transfer of many small files, after one of fewer. What it finds are files/s.</summary>
    public static async Task<double> SmallRateAsync(Func<string, Task> transfer)
    {
        await TimeAsync(() => transfer(NewSmallFiles(SmallFilesWarm, Seed + 1)));
        var folder = NewSmallFiles(SmallFiles, Seed);
        return SmallFiles / (await TimeAsync(() => transfer(folder))).TotalSeconds;
    }

    /// <summary>A file of so many bytes, which the kernel has in memory and on disk: it does not make what is measured wait for the disk.</summary>
    public static string NewFile(long bytes)
    {
        var path = Path.Combine(Scratch.NewFolder("large"), "large.bin");
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[1 << 20];
        new Random(Seed).NextBytes(block);
        for (long left = bytes; left > 0; left -= block.Length)
        {
            BitConverter.TryWriteBytes(block, left); // No two blocks are alike.
            file.Write(block, 0, (int)Math.Min(left, block.Length));
        }

        file.Flush(flushToDisk: true);

        return path;
    }

    public static async Task<TimeSpan> TimeAsync(Func<Task> transfer)
    {
        var start = Stopwatch.GetTimestamp();
        await transfer();
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Downloads into a new file, as every peer's client does it.</summary>
    public static async Task DownloadAsync(HttpClient client, string path)
    {
        var place = Path.Combine(Scratch.NewFolder("download"), "large.bin");
        using var response = await client.GetAsync(new Uri(path, UriKind.RelativeOrAbsolute), HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var file = new FileStream(place, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        await CopyAsync(await response.Content.ReadAsStreamAsync(), file);
    }

    /// <summary>Copies elsewhere than on the loop; returns how many bytes.</summary>
    public static async Task<long> CopyAsync(Stream from, Stream to)
    {
        var block = ArrayPool<byte>.Shared.Rent(BlockSize);
        long copied = 0;
        while (await from.ReadAsync(block).ConfigureAwait(false) is var count and > 0)
        {
            await to.WriteAsync(block.AsMemory(0, count)).ConfigureAwait(false);
            copied += count;
        }

        ArrayPool<byte>.Shared.Return(block);
        return copied;
    }

    /// <summary>Files of 0 to 8 KiB in folders of a hundred, no two alike.</summary>
    private static string NewSmallFiles(int count, int seed)
    {
        var random = new Random(seed);
        var root = Scratch.NewFolder("small");
        for (var number = 0; number < count; number++)
        {
            var folder = Path.Combine(root, $"{number / 100:d3}");
            if (number % 100 == 0)
            {
                Directory.CreateDirectory(folder);
            }

            var content = new byte[random.Next(8 << 10)];
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(folder, $"{number:d5}.dat"), content);
        }

        return root;
    }

    private static long Megabytes(long usual) =>
        (long.TryParse(Environment.GetEnvironmentVariable("DROVER_BENCH_MB"), CultureInfo.InvariantCulture, out var chosen) ? chosen : usual) << 20;
}
