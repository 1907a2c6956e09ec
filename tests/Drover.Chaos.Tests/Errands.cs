using System.Globalization;

namespace Drover.Chaos.Tests;

/// <summary>Draws what is to be submitted.</summary>
/// <param name="random">The seed's numbers.</param>
/// <param name="folder">Where the jobs' script and diaries are.</param>
/// <param name="sites">Where jobs can run.</param>
internal sealed class Errands(Random random, string folder, IReadOnlyList<string> sites)
{
    private static readonly JobKind[] s_kinds =
    [
        JobKind.Plain, JobKind.Plain, JobKind.Plain, JobKind.Plain, JobKind.Failing, JobKind.Failing, JobKind.Chatty, JobKind.Chatty, JobKind.Chatty,
        JobKind.Forking, JobKind.Forking, JobKind.Stubborn, JobKind.Polite, JobKind.Endless, JobKind.Crash, JobKind.Retry, JobKind.Retry,
        JobKind.Shared, JobKind.Shared, JobKind.Array, JobKind.Dependent, JobKind.Missing,
    ];

    private int _number;
    private Errand? _lastFailing;

    /// <summary>As many jobs as wanted, or a few more: an array is never cut.</summary>
    internal IReadOnlyList<Errand> Draw(int jobs)
    {
        var errands = new List<Errand>();
        for (int count = 0; count < jobs;)
        {
            // Every kind comes up before the first comes again.
            JobKind kind = s_kinds[errands.Count % s_kinds.Length];
            errands.Add(Draw(kind, (double)count / jobs));
            count += kind == JobKind.Array ? Errand.ArrayLength : 1;
        }

        return errands;
    }

    private Errand Draw(JobKind kind, double at)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{kind.ToString().ToLowerInvariant()}-{++_number}");
        double seconds = kind is JobKind.Crash or JobKind.Shared ? 0.2 + random.NextDouble() : random.Next(8) == 0 ? 4 + (8 * random.NextDouble()) : 3 * random.NextDouble();
        int code = kind == JobKind.Failing ? random.Next(1, 120) : 0;
        int pages = kind == JobKind.Chatty ? random.Next(2, 12) : 0;
        string[] arguments =
        [
            Path.Combine(folder, "diary"), kind.ToString().ToLowerInvariant(), name,
            pages > 0 ? pages.ToString(CultureInfo.InvariantCulture) : seconds.ToString("0.00", CultureInfo.InvariantCulture),
            code.ToString(CultureInfo.InvariantCulture),
        ];
        var spec = new JobSpec(kind == JobKind.Shared ? sites[0] : sites[random.Next(sites.Count)])
        {
            Command = kind == JobKind.Missing ? ["/no/such/program"] : ["sh", Path.Combine(folder, "job.sh"), .. arguments],
            Name = name,
            GraceSeconds = 1,
            TimeLimitSeconds = kind == JobKind.Endless ? 1 + (3 * random.NextDouble()) : null,
            RunDirectory = kind == JobKind.Shared ? "shared" : null,
            Retry = kind == JobKind.Retry ? new RetryPolicy(3, 0.2) : null,
        };
        bool isCanceled = kind is JobKind.Stubborn or JobKind.Polite || (kind is JobKind.Plain or JobKind.Forking or JobKind.Retry && random.Next(5) == 0);
        var errand = new Errand
        {
            Name = name,
            Kind = kind,
            Spec = spec,
            At = at,
            CancelAfter = isCanceled ? TimeSpan.FromSeconds(4 * random.NextDouble()) : null,
            IsFollowed = kind == JobKind.Chatty && random.Next(2) == 0,
            After = kind == JobKind.Dependent ? _lastFailing : null,
            Code = code,
            Pages = pages,
        };
        _lastFailing = kind == JobKind.Failing ? errand : _lastFailing;
        return errand;
    }
}
