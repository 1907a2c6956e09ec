using Drover.Bench.Jobs.Servers;
using Drover.Coroutines;

namespace Drover.Bench.Jobs.Peers;

/// <summary>Programs that only copy: the most that a transfer through servers could reach.</summary>
internal static class CopyPeers
{
    public static JobsPeer Cp { get; } = new(
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["upload-2g"] = () => Transfers.UploadAsync(CopyAsync),
        },
        () => Task.FromResult(Programs.WhyMissing("coreutils", "cp")));

    public static JobsPeer Tar { get; } = new(
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["upload-20k"] = async () => Figures.Of(("upload-20k", await Transfers.SmallRateAsync(PackAndUnpackAsync))),
        },
        () => Task.FromResult(Programs.WhyMissing("tar", "tar")));

    public static JobsPeer Nginx { get; } = new(
        new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
        {
            ["download-2g"] = async () => Figures.Of(("download-2g", await Transfers.RateAsync(DownloadAsync))),
        },
        () => Task.FromResult(Programs.WhyMissing("nginx-light", NginxServer.Program)));

    private static async Task<(TimeSpan There, TimeSpan OnDisk)> CopyAsync(long bytes)
    {
        var source = Transfers.NewFile(bytes);
        var target = Path.Combine(Scratch.NewFolder("cp"), "large.bin");
        var copy = await Transfers.TimeAsync(() => Programs.RunAsync(new ProcessSpec("cp", [source, target])));
        return (copy, copy + await Transfers.TimeAsync(() => Programs.RunAsync(new ProcessSpec("sync", [target]))));
    }

    private static Task PackAndUnpackAsync(string folder) => Programs.RunAsync(new ProcessSpec(
        "/bin/sh", ["-c", """tar -C "$0" -cf - . | tar -C "$1" -xf -""", folder, Scratch.NewFolder("tar")]));

    private static Task<TimeSpan> DownloadAsync(long bytes)
    {
        var file = Transfers.NewFile(bytes);
        return NginxServer.RunAsync(Path.GetDirectoryName(file)!, async url =>
        {
            using var client = new HttpClient { BaseAddress = url };
            return await Transfers.TimeAsync(() => Transfers.DownloadAsync(client, "large.bin"));
        });
    }
}
