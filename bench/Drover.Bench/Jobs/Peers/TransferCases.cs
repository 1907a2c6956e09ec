using Drover.Bench.Jobs.Load;
using Drover.Bench.Jobs.Servers;
using Drover.Bench.Orchestration;
using Drover.Bench.Runtime.Cases;
using Drover.Coroutines;
using Drover.Protocol;
using Drover.Protocol.Jobs;

namespace Drover.Bench.Jobs.Peers;

/// <summary>Drover's files: uploads, downloads, and a long log with many readers.</summary>
internal static class TransferCases
{
    private const int Readers = 10;
    private const double HeartbeatSeconds = 1;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    public static IReadOnlyDictionary<string, Func<Task<Figures>>> Cases { get; } = new Dictionary<string, Func<Task<Figures>>>(StringComparer.Ordinal)
    {
        ["upload-2g"] = () => RunAsync(UploadLargeAsync),
        ["upload-20k"] = () => RunAsync(UploadSmallAsync),
        ["download-2g"] = () => RunAsync(DownloadAsync),
        ["log-5g"] = () => RunAsync(TailAsync),
    };

    private static Task<Figures> RunAsync(Func<DroverServer, Task<Figures>> measure)
    {
        var data = DroverServer.NewData(("local", Workload.AtOnce));
        File.AppendAllText(Path.Combine(data, "drover.yaml"), FormattableString.Invariant($"agents:\n  heartbeatSeconds: {HeartbeatSeconds}\n"));
        return DroverServer.RunAsync(data, measure);
    }

    private static async Task<Figures> UploadLargeAsync(DroverServer server)
    {
        using var client = server.NewClient();
        return await Transfers.UploadAsync(async bytes =>
        {
            var file = Transfers.NewFile(bytes);
            var inputs = "";
            var upload = await Transfers.TimeAsync(async () => inputs = await client.UploadInputsAsync([new Client.UploadSource(file)]));
            var job = new JobSpec { Command = ["true"], Inputs = inputs, Hold = true }; // Accepted when its inputs are on disk.
            return (upload, upload + await Transfers.TimeAsync(() => client.SubmitAsync(job)));
        });
    }

    private static async Task<Figures> UploadSmallAsync(DroverServer server)
    {
        using var client = server.NewClient();
        return Figures.Of(("upload-20k", await Transfers.SmallRateAsync(
            folder => client.UploadInputsAsync([new Client.UploadSource(folder) { Path = "." }]))));
    }

    private static async Task<Figures> DownloadAsync(DroverServer server)
    {
        using var client = server.NewClient();
        using var http = server.NewHttpClient();
        var large = await WriteAsync(server, Transfers.LargeBytes);
        var small = await WriteAsync(server, Transfers.LargeBytes / 32);
        await Transfers.DownloadAsync(http, $"api/v1/jobs/{small}/files/large.bin");
        using var watch = await Watch.StartAsync(server);
        var plain = await watch.DuringAsync(() => Transfers.TimeAsync(() => Transfers.DownloadAsync(http, $"api/v1/jobs/{large}/files/large.bin")));
        await client.Job(new JobId(small)).DownloadAsync("large.bin", Path.Combine(Scratch.NewFolder("sdk"), "large.bin"));
        var target = Path.Combine(Scratch.NewFolder("sdk"), "large.bin");
        var isChecked = await watch.DuringAsync(() => Transfers.TimeAsync(() => client.Job(new JobId(large)).DownloadAsync("large.bin", target)));
        return Figures.Of(
            ("download-2g", Transfers.LargeBytes / 1e6 / plain.TotalSeconds),
            ("download-2g-checked", Transfers.LargeBytes / 1e6 / isChecked.TotalSeconds),
            ("download-2g-grown-mb", watch.GrownMegabytes),
            ("download-2g-beat-p99-ms", watch.LatenessP99));
    }

    private static async Task<Figures> TailAsync(DroverServer server)
    {
        using var client = server.NewClient();
        await TailAsync(server, client, Transfers.LogBytes / 64);
        using var watch = await Watch.StartAsync(server);
        var time = await watch.DuringAsync(() => Transfers.TimeAsync(() => TailAsync(server, client, Transfers.LogBytes)));
        return Figures.Of(
            ("log-5g-each", Transfers.LogBytes / 1e6 / time.TotalSeconds),
            ("log-5g-grown-mb", watch.GrownMegabytes),
            ("log-5g-beat-p99-ms", watch.LatenessP99));
    }

    /// <summary>A job writes so much as fast as it can, and the readers read it meanwhile.</summary>
    private static async Task TailAsync(DroverServer server, Client.DroverClient client, long bytes)
    {
        var id = await server.SubmitAsync(["dd", "if=/dev/zero", "bs=1M", $"count={bytes >> 20}"]);
        await TaskGroup.ForEachAsync(Enumerable.Range(0, Readers), Readers, async _ =>
        {
            var read = await client.Job(new JobId(id)).CopyLogAsync(OutputKind.Output, Stream.Null, follow: true);
            if (read != bytes)
            {
                throw new BenchmarkException($"a reader got {read} bytes of {bytes}");
            }
        });
    }

    /// <summary>A job that writes a file into its run directory. Returns its number when it has ended.</summary>
    private static async Task<long> WriteAsync(DroverServer server, long bytes)
    {
        var id = await server.SubmitAsync(["dd", "if=/dev/zero", "of=large.bin", "bs=1M", $"count={bytes >> 20}", "conv=fsync"]);
        await server.WaitUntilEndedAsync(id);
        return id;
    }

    /// <summary>Looks at the server's memory, and listens to its heartbeats.</summary>
    private sealed class Watch(DroverServer server, HeartbeatProbe probe) : IDisposable
    {
        private long _grown;

        public double GrownMegabytes => _grown / 1e6;

        /// <summary>Milliseconds, of the heartbeats while something was measured.</summary>
        public double LatenessP99 => Quantile.Of([.. probe.Lateness], 0.99);

        public static async Task<Watch> StartAsync(DroverServer server) =>
            new(server, await HeartbeatProbe.StartAsync(server.Url, await server.NewAgentTokenAsync("probe"), TimeSpan.FromSeconds(HeartbeatSeconds)));

        public Task<T> DuringAsync<T>(Func<Task<T>> body) => TaskGroup.RunAsync(async group =>
        {
            var before = ProcessMemory.ResidentBytes(server.ProcessId);
            group.Start(async () =>
            {
                while (true)
                {
                    await Coroutine.SleepAsync(s_look);
                    _grown = Math.Max(_grown, ProcessMemory.ResidentBytes(server.ProcessId) - before);
                }
            });
            probe.Counts = true;
            var found = await body();
            probe.Counts = false;
            group.Cancel("it is measured");
            return found;
        });

        public void Dispose() => probe.Dispose();
    }
}
