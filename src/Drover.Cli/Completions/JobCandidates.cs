using Drover.Cli.Commands;
using Drover.Cli.Listing;
using Drover.Cli.Text;

namespace Drover.Cli.Completions;

/// <summary>Asks the server what could be meant. When it does not answer soon, nothing could.</summary>
internal sealed class JobCandidates(CommandContext context)
{
    private const int Most = 100;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Jobs and arrays, newest first, with their names; the jobs of an array once its number and _ are typed.</summary>
    public Task<IReadOnlyList<Candidate>> FindAsync(string typed, bool isUnfinished) => AskAsync(async client =>
    {
        int underscore = typed.IndexOf('_');
        JobId? array = underscore > 0 && JobId.TryParse(typed[..underscore], null, out JobId id) ? id : null;
        var pages = new JobPages(client, isFolded: array is null);
        ListRows found = await pages.FetchAsync(new JobQuery { State = isUnfinished ? "unfinished" : null, Array = array }, Most);
        return found.Rows.ConvertAll(row => row is ListRow.OfArray { Array: var whole }
            ? new Candidate(whole.Id.ToString(), $"{Plain.Escape(whole.Name)}, {ArrayText.Counts(whole)}")
            : Of(((ListRow.OfJob)row).Job));
    });

    /// <summary>What is in a folder of a job's run directory; folders end in a slash.</summary>
    public Task<IReadOnlyList<Candidate>> FilesAsync(string job, string folder) => AskAsync(async client =>
    {
        JobHandle handle = await client.FindJobAsync(JobRef.Parse(job, null));
        FileList list = await handle.ListFilesAsync(folder);
        string prefix = folder.Length == 0 ? "" : folder + "/";
        return [.. list.Entries
            .Where(e => e.Path.StartsWith(prefix, StringComparison.Ordinal) && !e.Path[prefix.Length..].Contains('/'))
            .Select(e => e.IsDirectory ? new Candidate(e.Path + "/") : new Candidate(e.Path, Quantities.Bytes(e.Length)))];
    });

    public Task<IReadOnlyList<Candidate>> SitesAsync() => AskAsync(async client =>
        [.. (await client.ListSitesAsync()).Select(s => new Candidate(s.Name))]);

    private static Candidate Of(JobInfo job) => new(JobText.Id(job), $"{Plain.Escape(job.Name)}, {JobText.State(job)}");

    /// <summary>Nothing that goes wrong here is worth a word: somebody only pressed Tab.</summary>
    private async Task<IReadOnlyList<Candidate>> AskAsync(Func<DroverClient, Task<List<Candidate>>> ask)
    {
        try
        {
            return context.FindServer() is { } address
                ? await ask(context.Connect(address)).WaitAsync(s_patience, context.Surroundings.Time)
                : [];
        }
        catch (Exception e) when (e is CliException or DroverException or TimeoutException or FormatException)
        {
            return [];
        }
    }
}
