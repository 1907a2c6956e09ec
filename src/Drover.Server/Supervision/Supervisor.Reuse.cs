using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <content>Earlier results that are given for the same job again.</content>
internal sealed partial class Supervisor
{
    /// <summary>For each job, the earlier one of the user whose result it is given; null where it has to run.</summary>
    private async Task<JobRow?[]> EarlierAsync(Caller caller, JobSpec[] specs)
    {
        var earlier = new JobRow?[specs.Length];
        (int Index, string Fingerprint)[] asked =
            [.. specs.Index().Where(pair => Reuse.IsWanted(pair.Item)).Select(pair => (pair.Index, Reuse.Fingerprint(pair.Item)!))];
        if (asked.Length == 0)
        {
            return earlier;
        }

        JobRow?[] found = await _store.ReadAsync(
            connection => asked.Select(ask => Queries.Reusable(connection, caller.User, ask.Fingerprint)).ToArray());
        foreach (((int index, _), JobRow? row) in asked.Zip(found))
        {
            // The files of an agent whose folder is another one by now are out of reach.
            earlier[index] = row is not null && row.Folder == Agents.AgentOf(row.User, row.Spec.Site).Row.Folder ? row : null;
        }

        return earlier;
    }

    private Change.JobNoted GivenAgain(Caller caller, JobRow job) => new(
        job.Id,
        Event(job.Show(), JobEventKind.Reused, caller.User, "the same job was submitted again, and was given this result"));
}
