using System.CommandLine;
using System.Text.Json;
using Drover.Cli.Parsing;
using Drover.Cli.Text;
using Drover.Client.Http;

namespace Drover.Cli.Commands;

/// <summary>Says what is going on.</summary>
internal sealed class ListCommand : DroverCommand
{
    private const int MostUnfinished = 200;
    private const int RecentlyEnded = 10;

    private readonly Flag _all = new("--all", "-a") { Description = "every job, not only the unfinished and the last ended ones" };
    private readonly Option<int?> _limit = new("--limit") { HelpName = "N", Description = $"how many of the ended ones (default: {RecentlyEnded})", CustomParser = Values.Number };

    public ListCommand()
        : base("list", "Show what is going on: unfinished jobs, then those that ended last")
    {
        Add(_all);
        Add(_limit);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        int limit = arguments.GetValue(_limit) ?? RecentlyEnded;
        if (limit is < 0 or > 1000)
        {
            throw new CliException(ExitCodes.WrongUsage, "--limit takes 0 to 1000; --all shows everything.");
        }

        DroverClient client = context.Connect();
        bool all = arguments.GetValue(_all);
        JobRows unfinished = await FetchAsync(client, JobSelection.Unfinished, MostUnfinished, all);
        JobRows ended = limit == 0 && !all ? new JobRows() : await FetchAsync(client, JobSelection.Ended, limit, all);

        // A job that ended between the two requests is in both; the later answer is the truer one.
        unfinished.Remove(ended);
        if (context.IsJson)
        {
            unfinished.Write(context.Terminal);
            ended.Write(context.Terminal);
        }
        else
        {
            Show(context, [.. unfinished.Jobs, .. ended.Jobs], unfinished.Next is not null);
        }

        return ExitCodes.Success;
    }

    private static async Task<JobRows> FetchAsync(DroverClient client, JobSelection selection, int limit, bool all)
    {
        var rows = new JobRows();
        do
        {
            ApiRequest request = DroverClient.ListRequest(selection, all ? MostUnfinished : limit, rows.Next);
            byte[] page = await client.Connection.SendForBytesAsync(request, CancellationToken.None);
            try
            {
                rows.Add(page);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                throw client.Connection.NotDrover(e);
            }
        }
        while (all && rows.Next is not null);
        return rows;
    }

    private static void Show(CommandContext context, List<JobInfo> jobs, bool hasMore)
    {
        if (jobs.Count == 0)
        {
            context.Hint("there are no jobs yet; `drover run COMMAND` runs one");
            return;
        }

        var table = new Table(
            new("ID", IsNumber: true),
            new("NAME", CanBeCut: true),
            new("STATE"),
            new("SITUATION", CanBeCut: true, IsOptional: true),
            new("PROGRESS", CanBeCut: true, IsOptional: true),
            new("ELAPSED", IsNumber: true),
            new("SITE", CanBeCut: true));
        DateTimeOffset now = context.Now;
        foreach (JobInfo job in jobs)
        {
            table.Add(
                job.Id.ToString(),
                Plain.Escape(job.Name),
                new(JobText.State(job), JobText.StateColor(job)),
                JobText.Situation(job, now),
                job.End is null ? JobText.Progress(job, now) : "",
                JobText.Whole(JobText.Elapsed(job, now)),
                Plain.Escape(job.Spec.Site));
        }

        context.Terminal.Write(table.Render(context.Terminal.Width, context.Terminal.HasColors));
        if (hasMore)
        {
            context.Hint($"more than {MostUnfinished} jobs are unfinished; `drover list --all` shows all");
        }
    }
}
