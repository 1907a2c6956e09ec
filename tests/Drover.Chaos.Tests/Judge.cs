using System.Text;

namespace Drover.Chaos.Tests;

/// <summary>Compares what Drover says of a job with what the job has recorded, and with what was done to it.</summary>
internal sealed class Judge(Chronicle chronicle)
{
    /// <summary>What is wrong, in sentences; nothing when all is true.</summary>
    internal IReadOnlyList<string> Find(Account account)
    {
        var wrong = new List<string>();
        JobInfo job = account.Job;
        wrong.AddRange(OfTrail(account));
        wrong.AddRange(OfDiary(account));
        for (int i = 0; i < account.Attempts.Count; i++)
        {
            AttemptAccount attempt = account.Attempts[i];
            if (attempt.Info.End is not { } end)
            {
                wrong.Add($"attempt {attempt.Info.Number} has not ended");
                continue;
            }

            string id = $"{job.Id}.{attempt.Info.Number}";
            DiaryLine[] lines = [.. account.Diary.Where(line => line.Attempt == id)];
            wrong.AddRange(OfEnding(account, attempt.Info, end, lines).Concat(OfOutput(account, attempt, end.Ending, id)).Select(what => $"attempt {id}: {what}"));
            wrong.AddRange(OfRetry(account, attempt.Info, end.Ending, isLast: i == account.Attempts.Count - 1));
        }

        if (account.DiaryClosedAt is { } closed && job.End is { } last && closed > last.At)
        {
            wrong.Add($"it ran on after its end: it wrote into its diary at {closed:O}, and ended at {last.At:O}");
        }

        if (account.Attempts.Count == 0 || job.End?.Ending != account.Attempts[^1].Info.End?.Ending)
        {
            wrong.Add("its ending is not that of its last attempt");
        }

        string told = string.Join("; ", account.Attempts.Select(attempt => $"{attempt.Info.End?.Ending} ({attempt.Info.End?.Evidence})"));
        string diary = string.Join(", ", account.Diary.Select(line => $"{line.What} {line.Number} {line.Attempt}"));
        return wrong.ConvertAll(what => $"job {job.Id} ({account.Errand.Name} at {job.Spec.Site}): {what}. Drover says: {told}. Its diary says: {diary}");
    }

    private static IEnumerable<string> OfTrail(Account account)
    {
        JobEventKind[] kinds = [.. account.Trail.Select(step => step.Kind)];
        if (kinds.Count(kind => kind == JobEventKind.Submitted) != 1 || kinds.Count(kind => kind == JobEventKind.Ended) != 1)
        {
            yield return $"its trail does not begin and end once: {string.Join(", ", kinds)}";
        }

        if (account.Trail.GroupBy(step => step.Attempt).Any(steps => steps.Count(step => step.Kind == JobEventKind.Started) > 1))
        {
            yield return $"an attempt started more than once: {string.Join(", ", kinds)}";
        }
    }

    /// <summary>Each attempt begins at most once, and none while an earlier one still writes.</summary>
    private static IEnumerable<string> OfDiary(Account account)
    {
        string[] known = [.. account.Attempts.Select(attempt => $"{account.Job.Id}.{attempt.Info.Number}")];
        foreach (IGrouping<string, DiaryLine> lines in account.Diary.GroupBy(line => line.Attempt))
        {
            if (!known.Contains(lines.Key))
            {
                yield return $"it ran as {lines.Key}, which Drover does not know";
            }

            if (lines.Count(line => line.What == "begin") != 1)
            {
                yield return $"{lines.Key} did not begin once";
            }
        }

        string[] order = [.. account.Diary.Select(line => line.Attempt)];
        if (order.Where((attempt, i) => i > 0 && attempt != order[i - 1]).Distinct().Count() != Math.Max(0, order.Distinct().Count() - 1))
        {
            yield return "two attempts ran at the same time";
        }
    }

    private IEnumerable<string> OfEnding(Account account, AttemptInfo attempt, AttemptEnd end, DiaryLine[] lines)
    {
        string id = $"{account.Job.Id}.{attempt.Number}";
        string site = account.Job.Spec.Site;
        int? code = lines.FirstOrDefault(line => line.What == "end")?.Number;
        bool isTrue = end.Ending switch
        {
            Ending.Exited exited => exited.Code == (code ?? (lines.Any(line => line.What == "term") ? 143 : -1)),
            Ending.Signaled { Number: LiveProcess.SIGKILL } => lines.Any(line => line.What == "begin" && chronicle.WasKilled(id, line.Number))
                || (lines.Length == 0 && attempt.ProcessId is { } process && chronicle.WasKilled(id, process)),
            Ending.Signaled { Number: 11 } => lines.Any(line => line.What == "crash"),
            Ending.Canceled when account.Errand.Kind == JobKind.Dependent => lines.Length == 0,
            Ending.Canceled => chronicle.WasCanceled(account.Errand.Name),
            Ending.TimeLimit => account.Errand.Kind == JobKind.Endless,
            Ending.LaunchFailed { Reason: LaunchFailure.NoSuchProgram } => account.Errand.Kind == JobKind.Missing,
            Ending.LaunchFailed { Reason: LaunchFailure.CannotWrite } => lines.Length == 0 && chronicle.WasFilled(site, end.At),
            Ending.Lost => chronicle.WasKeeperKilled(site, DispatchedAt(account, attempt.Number), end.At),
            _ => false,
        };
        if (!isTrue)
        {
            yield return $"that it {end.Ending} is not true";
        }
    }

    private static DateTimeOffset DispatchedAt(Account account, int attempt) =>
        account.Trail.FirstOrDefault(step => step.Attempt == attempt && step.Kind == JobEventKind.Dispatched)?.At ?? DateTimeOffset.MaxValue;

    private static IEnumerable<string> OfOutput(Account account, AttemptAccount attempt, Ending ending, string id)
    {
        foreach ((string stream, byte[] written) in new[] { ("out", attempt.Output), ("err", attempt.Error) })
        {
            byte[] expected = Expected(account.Errand, id, stream);
            bool isAll = ending.IsSuccess;
            if (!(isAll ? written.AsSpan().SequenceEqual(expected) : expected.AsSpan().StartsWith(written)))
            {
                int same = expected.AsSpan().CommonPrefixLength(written);
                yield return $"its output ({stream}) is not what it wrote: {written.Length} bytes of {expected.Length}, the same up to {same}";
            }
        }
    }

    /// <summary>What a job writes that nothing happens to.</summary>
    internal static byte[] Expected(Errand errand, string attempt, string stream)
    {
        var text = new StringBuilder();
        for (int i = 0; i < errand.Pages * 1000; i++)
        {
            text.Append(null, $"{errand.Name} {attempt} {stream} {i}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private IEnumerable<string> OfRetry(Account account, AttemptInfo attempt, Ending ending, bool isLast)
    {
        int most = 1 + (account.Job.Spec.Retry?.Retries ?? 0);
        bool isFailure = ending is Ending.Exited { Code: not 0 } or Ending.Signaled or Ending.Lost;
        bool isCanceled = chronicle.WasCanceled(account.Errand.Name);
        if (isLast && isFailure && attempt.Number < most && !isCanceled)
        {
            yield return $"attempt {attempt.Number} {ending}, and no other followed";
        }
        else if (!isLast && (!isFailure || attempt.Number >= most))
        {
            yield return $"attempt {attempt.Number} {ending}, and yet another followed";
        }
    }
}
