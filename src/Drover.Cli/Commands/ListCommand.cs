using System.CommandLine;
using System.Diagnostics;
using Drover.Cli.Listing;
using Drover.Cli.Parsing;
using Drover.Cli.Text;

namespace Drover.Cli.Commands;

/// <summary>Says what is going on.</summary>
internal sealed class ListCommand : DroverCommand
{
    private const int MostRows = 200;
    private const int RecentlyEnded = 10;

    private readonly Flag _all = new("--all", "-a") { Description = "every job, however many, not only the unfinished and the last ended ones" };
    private readonly ValueOption<int> _limit = new("--limit", Values.Number) { HelpName = "N", Description = $"at most so many (default: {MostRows}, of the ended ones {RecentlyEnded})" };
    private readonly Flag _expand = new("--expand") { Description = "each job of an array, instead of the array as one" };
    private readonly ValueOption<JobRef> _array = new("--array", result => Values.Job(result)) { HelpName = "ID", Description = "only the jobs of this array, each" };
    private readonly Option<string?> _state = new("--state") { HelpName = "STATE", Description = "only those in a state (unfinished, queued, running, ended, ...) or with an ending (exited, signaled, canceled, lost, ...)" };
    private readonly Option<string?> _name = new("--name", "-n") { HelpName = "PATTERN", Description = "only those with such a name: 'frame*'" };
    private readonly Option<string?> _site = new("--site", "-s") { HelpName = "SITE", Description = "only those of this site" };
    private readonly Option<string?> _user = new("--user") { HelpName = "USER", Description = "another user's, or all; for administrators" };
    private readonly Option<string?> _sort = new("--sort") { HelpName = "ORDER", Description = "submitted (the last one first), ended (the last one first), or priority (unfinished ones, the highest first)" };

    public ListCommand()
        : base("list", "Show what is going on: unfinished jobs, then those that ended last")
    {
        Option[] options = [_all, _limit, _expand, _array, _state, _name, _site, _user, _sort];
        Array.ForEach(options, Add);
    }

    public override async Task<int> RunAsync(ParseResult arguments, CommandContext context)
    {
        int? limit = _all.IsIn(arguments) ? int.MaxValue : _limit.In(arguments);
        if (limit < 1)
        {
            throw new CliException(ExitCodes.WrongUsage, "--limit takes a number from 1; --all shows everything.");
        }

        var query = new JobQuery
        {
            State = arguments.GetValue(_state),
            Name = arguments.GetValue(_name),
            Site = arguments.GetValue(_site),
            User = arguments.GetValue(_user),
            Sort = arguments.GetValue(_sort),
            Array = _array.In(arguments)?.Number,
        };

        // Who asks for a state or an order asks for jobs: an array has neither.
        bool isFolded = query is { Array: null, State: null, Sort: null } && !_expand.IsIn(arguments);
        var pages = new JobPages(context.Connect(isBrief: true), isFolded);
        ListRows found = query is { State: null, Sort: null }
            ? await FetchAsync(pages, query, limit)
            : await pages.FetchAsync(query, limit ?? MostRows);
        if (context.IsJson)
        {
            found.Rows.ForEach(row => context.Terminal.WriteLine(row.Json.GetRawText()));
        }
        else
        {
            Show(context, found.Rows, query, found.HasMore && limit is null);
        }

        return ExitCodes.Success;
    }

    /// <summary>What is going on: what has not ended, and below it what ended last.</summary>
    private static async Task<ListRows> FetchAsync(JobPages pages, JobQuery query, int? limit)
    {
        ListRows unfinished = await pages.FetchAsync(query with { State = "unfinished" }, limit ?? MostRows);
        int mostEnded = limit is { } most ? most - unfinished.Rows.Count : RecentlyEnded;
        if (mostEnded == 0)
        {
            return unfinished;
        }

        ListRows ended = await pages.FetchAsync(query with { State = "ended" }, mostEnded);

        // A job that ended between the two requests is in both; the later answer is the truer one.
        var ids = new Dictionary<long, ListRow>();
        foreach (ListRow row in ended.Rows)
        {
            if (row is ListRow.OfJob { Job: var job })
            {
                ids[job.Id.Value] = row;
            }
        }

        List<ListRow> rows = unfinished.Rows.FindAll(row => row is not ListRow.OfJob { Job: var job } || !ids.ContainsKey(job.Id.Value));
        rows.AddRange(ended.Rows);
        return unfinished with { Rows = rows };
    }

    private static void Show(CommandContext context, List<ListRow> rows, JobQuery query, bool hasMore)
    {
        if (rows.Count == 0)
        {
            context.Hint(query == new JobQuery() ? "there are no jobs yet; `drover run COMMAND` runs one" : "there are no such jobs");
            return;
        }

        var table = new Table(
            new("ID", IsNumber: true),
            new("USER", CanBeCut: true, IsOptional: true),
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
                ListRow.OfJob { Job: var job } => Cells(job, now, isOwn: query.User is null),
                ListRow.OfArray { Array: var array } => Cells(array, now, isOwn: query.User is null),
                _ => throw new UnreachableException(),
            });
        }

        context.Terminal.Write(table.Render(context.Terminal.Width, context.Terminal.HasColors));
        if (hasMore)
        {
            context.Hint($"there are more than {MostRows}; `drover list --all` shows all");
        }
    }

    private static Table.Cell[] Cells(JobInfo job, DateTimeOffset now, bool isOwn) =>
    [
        JobText.Id(job),
        isOwn ? "" : Plain.Escape(job.User),
        Plain.Escape(job.Name),
        new(JobText.State(job), JobText.StateColor(job)),
        JobText.Situation(job, now),
        job.End is null ? JobText.Progress(job, now) : "",
        JobText.Whole(JobText.Elapsed(job, now)),
        Plain.Escape(job.Spec.Site),
    ];

    private static Table.Cell[] Cells(ArrayInfo array, DateTimeOffset now, bool isOwn) =>
    [
        array.Id.ToString(),
        isOwn ? "" : Plain.Escape(array.User),
        Plain.Escape(array.Name),
        new(ArrayText.State(array), ArrayText.StateColor(array)),
        ArrayText.Counts(array),
        ArrayText.Progress(array),
        array.IsOver ? "" : JobText.Whole(now - array.SubmittedAt),
        Plain.Escape(array.Spec.Job.Site),
    ];
}
