using System.Globalization;
using Drover.Client;
using Drover.Protocol.Jobs;

// A program that has a server do its work: it sends files along, watches, and fetches what came of it.
// DROVER_SERVER and DROVER_TOKEN say where and as whom.
if (Environment.GetEnvironmentVariable("DROVER_SERVER") is not { } server || Environment.GetEnvironmentVariable("DROVER_TOKEN") is not { } token)
{
    await Console.Error.WriteLineAsync("Set DROVER_SERVER and DROVER_TOKEN: `drover up` shows the address, the token is in its data folder.");
    return 2;
}

using var client = new DroverClient(new DroverClientOptions { Server = new Uri(server), Token = token });
string folder = Directory.CreateTempSubdirectory("drover-sdk-").FullName;
try
{
    return await RunAsync(client, folder);
}
catch (DroverException e)
{
    await Console.Error.WriteLineAsync(e.Message); // A sentence that says what to do, whatever it was.
    return 1;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

static async Task<int> RunAsync(DroverClient client, string folder)
{
    string numbers = Path.Combine(folder, "numbers.txt");
    await File.WriteAllLinesAsync(numbers, Enumerable.Range(1, 1000).Select(n => n.ToString(CultureInfo.InvariantCulture)));

    // What the server has already is not sent again.
    string inputs = await client.UploadInputsAsync(
    [
        new UploadSource(numbers),
        new UploadSource(Path.Combine(AppContext.BaseDirectory, "job", "sum.sh")),
    ]);

    // With a key, a submit whose answer was lost is repeated without making a second job.
    JobInfo submitted = await client.SubmitAsync(
        new JobSpec { Command = ["sh", "sum.sh", "numbers.txt"], Name = "sum", Inputs = inputs, TimeLimitSeconds = 600, Reuse = false },
        new SubmitOptions { IdempotencyKey = Guid.NewGuid().ToString() });
    JobHandle job = client.Job(submitted.Id);
    Console.WriteLine($"submitted {job}");

    // The log comes while it is written; over restarts of the server, too.
    Task<long> log = job.CopyLogAsync(OutputKind.Output, Console.OpenStandardOutput(), follow: true);
    JobInfo now = submitted;
    while (now.End is null)
    {
        now = await job.WaitForChangeAsync(now.Revision, TimeSpan.FromSeconds(30));
    }

    await log;
    Console.WriteLine($"{now.End.Ending}; progress {now.Progress?.Fraction:P0}, {now.Progress?.Message}");

    await job.DownloadAsync("sum.txt", Path.Combine(folder, "sum.txt"));
    Console.WriteLine($"the sum is {(await File.ReadAllTextAsync(Path.Combine(folder, "sum.txt"))).Trim()}");

    // Errors have types, and sentences.
    try
    {
        await job.CopyFileAsync("no-such-file", Stream.Null);
    }
    catch (FileNotInJobException e)
    {
        Console.WriteLine($"as expected: {e.Message}");
    }

    JobHandle endless = client.Job((await client.SubmitAsync(new JobSpec { Command = ["sleep", "1000"] })).Id);
    await endless.CancelAsync(new CancelRequest { Why = "the sample is over" });
    JobInfo canceled = await endless.WaitAsync();
    Console.WriteLine($"{canceled.End!.Ending}");
    return now.End.Ending is Ending.Exited { Code: 0 } ? 0 : 1;
}
