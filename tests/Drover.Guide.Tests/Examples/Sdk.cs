using Drover.Client;
using Drover.Protocol;
using Drover.Protocol.Jobs;

namespace Drover.Guide.Tests.Examples;

/// <summary>What the guide to the SDK shows. It needs a server: Drover.Samples.Tests runs it.</summary>
internal static class Sdk
{
    internal static async Task<JobId> Submit(string server, string token)
    {
        #region sdk-submit
        using var client = new DroverClient(new DroverClientOptions { Server = new Uri(server), Token = token });

        JobInfo submitted = await client.SubmitAsync(
            new JobSpec { Command = ["./simulate", "in.json"], Cpus = 2, TimeLimitSeconds = 7200 },
            new SubmitOptions { IdempotencyKey = "orbit-2026-11-20" });
        JobHandle job = client.Job(submitted.Id);
        #endregion
        return job.Id;
    }

    internal static async Task Inputs(DroverClient client)
    {
        #region sdk-inputs
        var progress = new Progress<TransferProgress>(sent => Console.Error.Write($"\r{sent.Fraction:P0}"));
        string inputs = await client.UploadInputsAsync([new UploadSource("in.json"), new UploadSource("mesh") { Path = "data/mesh" }], progress);
        await client.SubmitAsync(new JobSpec { Command = ["./simulate", "in.json"], Inputs = inputs });
        #endregion
    }

    internal static async Task Watch(JobHandle job)
    {
        #region sdk-watch
        Task<long> log = job.CopyLogAsync(OutputKind.Output, Console.OpenStandardOutput(), follow: true);
        JobInfo now = await job.GetAsync();
        while (now.End is null)
        {
            now = await job.WaitForChangeAsync(now.Revision, atMost: TimeSpan.FromSeconds(30));
            Console.Error.WriteLine($"{now.State}: {now.Situation ?? now.Progress?.Message}");
        }

        await log;
        #endregion
    }

    internal static async Task End(JobHandle job)
    {
        #region sdk-ending
        JobInfo ended = await job.WaitAsync();
        Console.WriteLine(ended.End!.Ending switch
        {
            Ending.Exited { Code: 0 } => "it did its work",
            Ending.Exited exited => $"it failed with {exited.Code}:\n{ended.End.ErrorTail}",
            Ending.OutOfMemory => "it needs more memory",
            Ending.Lost => "nobody knows; submit it again",
            Ending other => $"{other}: {ended.End.Evidence}",
        });
        #endregion
    }

    internal static async Task Results(JobHandle job)
    {
        #region sdk-results
        await job.DownloadAsync("out/planets.csv", "planets.csv");
        DownloadResult pictures = await job.DownloadAsync(["out/*.png"], "pictures");
        Console.WriteLine($"{pictures.Files} files, {Quantities.Bytes(pictures.Bytes)}");
        #endregion
    }

    internal static async Task<string> Exec(JobHandle job)
    {
        #region sdk-exec
        using var frame = new MemoryStream();
        Ending ending = await job.ExecAsync(new ExecSpec { Command = ["./draw", "--frame", "last"] }, frame, Stream.Null);
        #endregion
        return $"{ending}: {System.Text.Encoding.UTF8.GetString(frame.ToArray())}";
    }

    internal static async Task Errors(JobHandle job, Stream file)
    {
        #region sdk-errors
        try
        {
            await job.CopyFileAsync("out/planets.csv", file);
        }
        catch (FileNotInJobException)
        {
            // Not yet, or not at all: the job has ended without it.
        }
        catch (ServerUnreachableException e) when (!e.MayHaveBeenSent)
        {
            // The server never saw the request.
        }
        catch (DroverException e)
        {
            Console.Error.WriteLine(e.Message); // A sentence that says what to do, whatever it was.
        }
        #endregion
    }
}
