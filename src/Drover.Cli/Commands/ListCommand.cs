using System.CommandLine;
using System.Diagnostics;
using Drover.Cli.Listing;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Says what is going on.</summary>
internal sealed class ListCommand : DroverCommand
{
    private const int MostUnfinished = 200;
    private const int RecentlyEnded = 10;

    private readonly Flag _all = new("--all", "-a") { Description = "every job, not only the unfinished and the last ended ones" };
    private readonly Option<int?> _limit = new("--limit") { HelpName = "N", Description = $"how many of the ended ones (default: {RecentlyEnded})", CustomParser = Values.Number };
    private readonly Flag _expand = new("--expand") { Description = "each job of an array, instead of the array as one" };
    private readonly Option<JobRef?> _array = new("--array") { HelpName = "ID", Description = "only the jobs of this array, each", CustomParser = result => Values.Job(result) };

    public ListCommand()
        : base("list", "Show what is going on: unfinished jobs, then those that ended last")
    {
        Add(_all);
        Add(_limit);
        Add(_expand);
        Add(_array);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        int limit = arguments.GetValue(_limit) ?? RecentlyEnded;
        if (limit is < 0 or > 1000)
        {
            throw new CliException(ExitCodes.WrongUsage, "--limit takes 0 to 1000; --all shows everything.");
        }

        bool all = arguments.GetValue(_all);
        JobId? array = arguments.GetValue(_array)?.Number;
        var pages = new JobPages(context.Connect(), isFolded: array is null && !arguments.GetValue(_expand), array);
        (List<ListRow> unfinished, bool hasMore) = await pages.FetchAsync(JobSelection.Unfinished, all ? int.MaxValue : MostUnfinished);
        (List<ListRow> ended, _) = limit == 0 && !all ? ([], false) : await pages.FetchAsync(JobSelection.Ended, all ? int.MaxValue : limit);

        // A job that ended between the two requests is in both; the later answer is the truer one.
        HashSet<JobId> ids = [.. ended.OfType<ListRow.OfJob>().Select(row => row.Job.Id)];
        ListRow[] rows = [.. unfinished.Where(row => row is not ListRow.OfJob { Job: var job } || !ids.Contains(job.Id)), .. ended];
        if (context.IsJson)
        {
            Array.ForEach(rows, row => context.Terminal.WriteLine(row.Json.GetRawText()));
        }
        else
        {
            Show(context, rows, hasMore);
        }

        return ExitCodes.Success;
    }

    private static void Show(CommandContext context, ListRow[] rows, bool hasMore)
    {
        if (rows.Length == 0)
        {
            context.Hint("there are no jobs yet; `drover run COMMAND` runs one");
            return;
        }

        var table = new Table(
            new("ID", IsNumber: true),
            new("NAME", CanBeCut: true),
            new("STATE"),
            new("SITUATION", CanBeCut: true, IsOptional: true, CanBeDropped: true),
            new("PROGRESS", CanBeCut: true, IsOptional: true, CanBeDropped: true),
            new("ELAPSED", IsNumber: true, CanBeDropped: true),
            new("SITE", CanBeCut: true, CanBeDropped: true));
        DateTimeOffset now = context.Now;
        foreach (ListRow row in rows)
        {
            table.Add(row switch
            {
                ListRow.OfJob { Job: var job } => Cells(job, now),
                ListRow.OfArray { Array: var array } => Cells(array, now),
                _ => throw new UnreachableException(),
            });
        }

        context.Terminal.Write(table.Render(context.Terminal.Width, context.Terminal.HasColors));
        if (hasMore)
        {
            context.Hint($"more than {MostUnfinished} jobs are unfinished; `drover list --all` shows all");
        }
    }

    private static Table.Cell[] Cells(JobInfo job, DateTimeOffset now) =>
    [
        JobText.Id(job),
        Plain.Escape(job.Name),
        new(JobText.State(job), JobText.StateColor(job)),
        JobText.Situation(job, now),
        job.End is null ? JobText.Progress(job, now) : "",
        JobText.Whole(JobText.Elapsed(job, now)),
        Plain.Escape(job.Spec.Site),
    ];

    private static Table.Cell[] Cells(ArrayInfo array, DateTimeOffset now) =>
    [
        array.Id.ToString(),
        Plain.Escape(array.Name),
        new(ArrayText.State(array), ArrayText.StateColor(array)),
        ArrayText.Counts(array),
        ArrayText.Progress(array),
        array.IsOver ? "" : JobText.Whole(now - array.SubmittedAt),
        Plain.Escape(array.Spec.Job.Site),
    ];
}
