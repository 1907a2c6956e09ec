using System.Text.Json;
using Drover.Client;
using Drover.Protocol;
using Drover.Protocol.Jobs;

namespace Drover.Guide.Tests.Examples;

/// <summary>What the READMEs of the other packages show.</summary>
internal static class Packages
{
    internal static void Protocol()
    {
        #region protocol
        AttemptEnd end = JsonSerializer.Deserialize(
            """{"ending":{"kind":"signaled","number":11,"name":"SIGSEGV"},"at":"2026-11-20T19:40:23.945Z","evidence":"the kernel reports it"}""",
            ProtocolJson.Default.AttemptEnd)!;
        Console.WriteLine(end.Ending switch
        {
            Ending.Exited { Code: 0 } => "it did its work",
            Ending.Signaled signaled => $"it crashed: {signaled.Name}",
            Ending.Lost lost => $"nobody knows: {lost.Reason}",
            Ending other => other.ToString(),
        });
        Console.WriteLine(end.Ending.ExitCode);
        #endregion
    }

    /// <summary>Needs a server, so it is only compiled; Drover.Client.Tests runs what it calls.</summary>
    internal static async Task Client(string token, Stream file)
    {
        #region client
        using var client = new DroverClient(new DroverClientOptions { Server = new Uri("https://drover.example.org"), Token = token });

        JobInfo job = await client.SubmitAsync(new JobSpec { Command = ["./simulate", "in.json"], Cpus = 2, TimeLimitSeconds = 7200 });
        JobHandle handle = client.Job(job.Id);

        await handle.CopyLogAsync(OutputKind.Output, Console.OpenStandardOutput(), follow: true);
        JobInfo ended = await handle.WaitAsync();
        Console.WriteLine(ended.End!.Ending);           // succeeded, exited with code 3, ended at its time limit of 2h, …
        await handle.CopyFileAsync("out/planets.csv", file);
        #endregion
    }

    /// <summary>Needs a server as well; Drover.Samples.Tests runs it.</summary>
    internal static async Task Arrays(DroverClient client)
    {
        #region arrays
        ArrayHandle array = await client.SubmitArrayAsync(new ArraySpec
        {
            Job = new JobSpec { Command = ["./simulate"], Cpus = 2 },
            Indices = "1-1000",
            AtOnce = 50,
        });
        await client.SubmitAsync(new JobSpec { Command = ["./report"], After = [new Dependency(array.Id, DependencyKind.Ended)] });

        await array.ChangeAsync(new ArrayChanges { AtOnce = 20, Priority = 5 });

        ArrayInfo ended = await array.WaitAsync();
        Console.WriteLine($"{ended.Succeeded} of {ended.Count} succeeded");
        await foreach (JobInfo job in array.ListAllJobsAsync())
        {
            Console.WriteLine($"{job.Array!.Index}: {job.End!.Ending}");
        }

        JobHandle seventh = await array.JobAsync(7);
        #endregion
        Console.WriteLine(seventh);
    }
}
