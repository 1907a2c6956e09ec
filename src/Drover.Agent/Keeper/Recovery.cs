using System.Globalization;
using Drover.Agent.Keeper.Processes;
using Drover.Agent.Keeper.Records;

namespace Drover.Agent.Keeper;

/// <summary>What a keeper makes of the journal of those before it.</summary>
internal sealed class Recovery(JobKeeper keeper, Journal journal)
{
    private JournalFact.KeeperStarted? _last;

    /// <summary>
    /// Takes over every attempt that is not forgotten: those that run are followed, of the others is said what is known.
    /// Blocks for a moment; nothing else runs yet.
    /// </summary>
    internal void Begin()
    {
        List<KeptAttempt> attempts = Replay();
        try
        {
            journal.Append(new JournalFact.KeeperStarted(
                BootClock.Boot, Environment.ProcessId, ProcessEntry.TryRead(Environment.ProcessId)?.StartTicks ?? 0, JobKeeper.Now));
        }
        catch (IOException e)
        {
            KeeperProgram.Log(e.Message); // The disk is full: starts will fail and say so; what runs is kept.
        }

        if (journal.Unreadable > 0)
        {
            KeeperProgram.Log(FormattableString.Invariant($"{journal.Unreadable} lines of the journal cannot be read, and are skipped."));
        }

        ProcessTable? table = null;
        foreach (KeptAttempt attempt in attempts)
        {
            if (attempt.End is null && attempt.Started is null && attempt.Boot == BootClock.Boot)
            {
                LookForStart(attempt, table ??= ProcessTable.Read());
            }

            TakeOver(attempt);
        }
    }

    private List<KeptAttempt> Replay()
    {
        var attempts = new Dictionary<AttemptId, KeptAttempt>();
        foreach (JournalFact fact in journal.Earlier)
        {
            if (fact is JournalFact.KeeperStarted started)
            {
                _last = started;
            }
            else if (fact is JournalFact.Forgotten(var forgotten))
            {
                foreach (AttemptId id in forgotten)
                {
                    attempts.Remove(id);
                }
            }
            else if (fact.Subject is { } subject)
            {
                if (!attempts.TryGetValue(subject, out KeptAttempt? attempt))
                {
                    attempts[subject] = attempt = new KeptAttempt(subject);
                }

                attempt.Apply(fact, _last?.Boot);
            }
        }

        return [.. attempts.Values];
    }

    private void TakeOver(KeptAttempt attempt)
    {
        // Its log is made a moment before its process.
        bool wasBegun = attempt.Started is not null
            || File.Exists(AttemptFiles.Log(keeper.Folder.Run(attempt.RunDirectory), attempt.Id, OutputKind.Error));
        if (attempt.End is not null)
        {
            keeper.Add(attempt);
        }
        else if (!wasBegun && attempt.Stop is { } stop)
        {
            // The agent knows that the order is recorded, and will only say again that it is to start.
            keeper.Add(attempt);
            keeper.Record(attempt, AttemptLaunch.CanceledBefore(stop, JobKeeper.Now));
        }
        else if (attempt.Boot != BootClock.Boot)
        {
            Lose(
                attempt,
                "the machine restarted while it ran",
                $"the journal was written during another run of the machine ({attempt.Boot}, now it is {BootClock.Boot})");
        }
        else if (attempt.Started is not null)
        {
            keeper.Add(attempt);
            keeper.Follow(attempt);
        }
        else if (wasBegun)
        {
            Lose(
                attempt,
                "the keeper was killed at the moment in which it started it, and no process of it is found",
                "the journal says that it was about to be started, its log files are there, and no process has its number in the environment");
        }
        else
        {
            Forget(attempt); // It was never started, so it may be started now.
        }
    }

    /// <summary>At once: were it written after the next start, that start would be forgotten with it.</summary>
    private void Forget(KeptAttempt attempt)
    {
        try
        {
            journal.Append(new JournalFact.Forgotten([attempt.Id]));
        }
        catch (IOException)
        {
            // The disk is full, of which something was said above. The next intent takes this one's place all the same.
        }
    }

    private void Lose(KeptAttempt attempt, string reason, string evidence)
    {
        keeper.Add(attempt);
        Ending ending = attempt.Stop is { } stop ? new Ending.Canceled(stop.By, stop.Why) : new Ending.Lost(reason);
        keeper.Record(attempt, new AttemptEnd { Ending = ending, At = JobKeeper.Now, Evidence = evidence });
    }

    /// <summary>It was about to be started: perhaps it was. Its first process is the oldest that carries its number.</summary>
    private void LookForStart(KeptAttempt attempt, ProcessTable table)
    {
        ProcessEntry[] stamped = [.. table.All
            .Where(entry => entry.Lives && Stamp.TryRead(entry.Id) is { } stamp
                && stamp.Attempt == attempt.Id.ToString()
                && stamp.RunDirectory == keeper.Folder.Run(attempt.RunDirectory))
            .OrderBy(entry => entry.StartTicks)
            .ThenBy(entry => entry.Id)];
        if (stamped.Length > 0)
        {
            ProcessEntry main = stamped[0];
            var started = new JournalFact.Started(attempt.Id, main.Id, main.StartTicks, JobKeeper.Now - BootClock.Since(main.StartTicks));
            attempt.Apply(started);
            keeper.Recorder.Add(started);
            KeeperProgram.Log(string.Create(CultureInfo.InvariantCulture, $"Process {main.Id} belongs to attempt {attempt.Id}, whose start was not recorded."));
        }
    }
}
