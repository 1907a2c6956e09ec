using System.Security.Cryptography;

namespace Drover.EndToEnd.Tests;

/// <summary>Files go to the job before it starts, and come back from it.</summary>
public sealed class InputTests
{
    private const UnixFileMode Script = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Fact]
    public async Task Inputs_are_in_the_run_directory_before_the_job_starts()
    {
        await using var drover = new Installation();
        await drover.UpAsync();
        Directory.CreateDirectory(drover.PathOf("model/empty"));
        await File.WriteAllTextAsync(drover.PathOf("model/run.sh"), "#!/bin/sh\ncat data/big.bin | sha256sum; cat 'a b\nc.txt'; readlink link; cat link; ls -a | sort\n");
        File.SetUnixFileMode(drover.PathOf("model/run.sh"), Script);
        await File.WriteAllTextAsync(drover.PathOf("model/a b\nc.txt"), "strange name\n");
        Directory.CreateDirectory(drover.PathOf("model/data"));
        byte[] big = RandomNumberGenerator.GetBytes(3_000_000);
        await File.WriteAllBytesAsync(drover.PathOf("model/data/big.bin"), big);
        File.CreateSymbolicLink(drover.PathOf("model/link"), "data/../a b\nc.txt");
        await Assert.ThrowsAsync<InputRefusedException>(() => UploadAsync(drover, "model"));
        File.Delete(drover.PathOf("model/link"));
        File.CreateSymbolicLink(drover.PathOf("model/link"), "a b\nc.txt");

        string inputs = await UploadAsync(drover, "model");
        JobInfo job = await drover.Client.SubmitAsync(new JobSpec { Command = ["./run.sh"], Inputs = inputs });
        JobHandle handle = drover.Client.Job(job.Id);
        Assert.Equal(new Ending.Exited(0), await handle.EndingAsync());
        string log = await handle.LogAsync();
        Assert.StartsWith(Convert.ToHexStringLower(SHA256.HashData(big)), log);
        Assert.Contains("strange name\na b\nc.txt\nstrange name\n", log);
        Assert.Contains("\nempty\n", log);
    }

    private static Task<string> UploadAsync(Installation drover, string folder) =>
        drover.Client.UploadInputsAsync([new UploadSource(drover.PathOf(folder)) { Path = "." }]);

    [Fact]
    public async Task Results_come_back_as_files_folders_and_by_globs()
    {
        await using var drover = new Installation();
        await drover.UpAsync();
        const string Command = """
            mkdir -p out/deep 'we ird'; seq 100000 >out/a.csv; echo b >out/deep/b.csv; echo c >'we ird/c
            d.txt'; ln -s a.csv out/latest; ln -s /etc/passwd out/away; mkfifo out/pipe; chmod 700 out/deep/b.csv; until [ -e "$0" ]; do sleep 0.05; done
            """;
        JobInfo job = await drover.Client.SubmitAsync(new JobSpec { Command = ["sh", "-c", Command, drover.PathOf("go")] });
        JobHandle handle = drover.Client.Job(job.Id);
        await handle.IsAsync(JobState.Running);
        await Eventually.IsTrueAsync(async () => (await handle.ListFilesAsync("")).Entries.Any(entry => entry.Path == "out/pipe"), "the files");

        // While it runs.
        DownloadResult all = await handle.DownloadAsync("", drover.PathOf("all"));
        Assert.Equal(3, all.Files);
        Assert.Equal(await File.ReadAllTextAsync(drover.PathOf("all/out/a.csv")), string.Concat(Enumerable.Range(1, 100000).Select(i => $"{i}\n")));
        Assert.Equal("c\n", await File.ReadAllTextAsync(drover.PathOf("all/we ird/c\nd.txt")));
        Assert.Equal("a.csv", new FileInfo(drover.PathOf("all/out/latest")).LinkTarget);
        Assert.False(Path.Exists(drover.PathOf("all/out/away")));
        Assert.Equal(Script, File.GetUnixFileMode(drover.PathOf("all/out/deep/b.csv")));
        drover.Make("go");
        await handle.EndAsync();

        DownloadResult one = await handle.DownloadAsync("out/a.csv", drover.PathOf("a.csv"));
        Assert.Equal((1, 588895L), (one.Files, one.Bytes));
        await Assert.ThrowsAsync<IOException>(() => handle.DownloadAsync("out/a.csv", drover.PathOf("a.csv")));
        DownloadResult some = await handle.DownloadAsync(["**/*.csv"], drover.PathOf("some"));
        Assert.Equal(2, some.Files);
        Assert.Equal("b\n", await File.ReadAllTextAsync(drover.PathOf("some/out/deep/b.csv")));
        await Assert.ThrowsAsync<FileNotInJobException>(() => handle.DownloadAsync(["*.nothing"], drover.PathOf("none")));
        await Assert.ThrowsAsync<FileNotInJobException>(() => handle.DownloadAsync("out/away", drover.PathOf("away")));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(drover.Work), path => Path.GetFileName(path).StartsWith('.'));
    }
}
