using System.Security.Cryptography;

namespace Drover.EndToEnd.Tests;

/// <summary>What happens while an agent lays out inputs.</summary>
public sealed class StagingTests
{
    private static readonly byte[] s_content = RandomNumberGenerator.GetBytes(9 << 20);
    private static readonly string s_hash = Convert.ToHexStringLower(SHA256.HashData(s_content));

    [Fact]
    public async Task The_time_limit_counts_from_the_start_of_the_process_however_long_the_inputs_take()
    {
        await using var drover = new Installation();
        LiveProcess agent = await AgentAsync(drover);
        JobHandle job = await SentAsync(drover, agent, timeLimit: 3);
        drover.Server!.Signal(LiveProcess.SIGSTOP);
        agent.Signal(LiveProcess.SIGCONT);
        await Task.Delay(TimeSpan.FromSeconds(4)); // Longer than the job may run.
        drover.Server.Signal(LiveProcess.SIGCONT);
        Assert.Equal(new Ending.Exited(0), await job.EndingAsync());
        Assert.StartsWith(s_hash, await job.LogAsync());
    }

    [Fact]
    public async Task A_server_that_is_killed_before_the_inputs_have_come_brings_them_when_it_is_back()
    {
        await using var drover = new Installation();
        LiveProcess agent = await AgentAsync(drover);
        JobHandle job = await SentAsync(drover, agent);
        await drover.Server!.KillAsync();
        agent.Signal(LiveProcess.SIGCONT);
        await drover.UpAsync();
        Assert.Equal(new Ending.Exited(0), await job.EndingAsync());
        Assert.StartsWith(s_hash, await job.LogAsync());
        await job.HasEndedOnceAsync();
    }

    [Fact]
    public async Task A_disk_that_is_full_before_all_inputs_are_there_ends_the_job_with_the_reason()
    {
        using var disk = new SmallDisk(megabytes: 20);
        await using var drover = new Installation { Data = Path.Combine(disk.Path, "data") };
        await drover.UpAsync();
        string inputs = await UploadAsync(drover); // There is room for them once, but not twice.
        await File.WriteAllBytesAsync(Path.Combine(disk.Path, "other"), s_content.AsMemory(0, 5 << 20));
        JobHandle job = await drover.SubmitAsync(Job(inputs));
        var ending = Assert.IsType<Ending.LaunchFailed>(await job.EndingAsync());
        Assert.Equal(LaunchFailure.NoInputs, ending.Reason);
        Assert.Contains("No space left", ending.Message);

        File.Delete(Path.Combine(disk.Path, "other"));
        JobHandle again = await drover.SubmitAsync(Job(inputs));
        Assert.Equal(new Ending.Exited(0), await again.EndingAsync());
        Assert.StartsWith(s_hash, await again.LogAsync());
    }

    /// <summary>Starts server and agent.</summary>
    private static async Task<LiveProcess> AgentAsync(Installation drover)
    {
        await drover.UpAsync();
        await (await drover.SubmitAsync("true")).EndAsync();
        return drover.Agent!;
    }

    /// <summary>A job with inputs that its agent, which is stopped, has been sent and not yet begun with.</summary>
    private static async Task<JobHandle> SentAsync(Installation drover, LiveProcess agent, double? timeLimit = null)
    {
        string inputs = await UploadAsync(drover);
        agent.Signal(LiveProcess.SIGSTOP);
        JobHandle job = await drover.SubmitAsync(Job(inputs) with { TimeLimitSeconds = timeLimit });
        await job.IsAsync(JobState.Starting);
        return job;
    }

    private static JobSpec Job(string inputs) => new() { Command = ["sha256sum", "big.bin"], Inputs = inputs };

    private static async Task<string> UploadAsync(Installation drover)
    {
        await File.WriteAllBytesAsync(drover.PathOf("big.bin"), s_content);
        return await drover.Client.UploadInputsAsync([new UploadSource(drover.PathOf("big.bin"))]);
    }
}
