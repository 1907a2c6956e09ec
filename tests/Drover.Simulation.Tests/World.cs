using Drover.Coroutines.Testing;
using Drover.Simulation.Tests.Hosts;
using Drover.Simulation.Tests.Networks;
using Drover.Simulation.Tests.Servers;

namespace Drover.Simulation.Tests;

/// <summary>
/// Everything that one seed makes: a server with its database, sites with agents, users, and what goes wrong. The real
/// supervision and the real agents, on one loop in virtual time; simulated is what lies around them.
/// </summary>
internal sealed class World : IDisposable
{
    internal const int CpusOfASite = 2;

    private readonly List<string> _trace = [];

    internal World(ulong seed)
    {
        Seed = seed;
        Random = new Random((int)(seed ^ (seed >> 32)));
        GivesUpEarly = Happens(0.25);
        Grain = Pick([0, 0, 0.001, 0.01, 1]);
        KeepFiles = Happens(0.4) ? Between(10, 600) : null;
        IsSwarm = Happens(0.7);
        Habits = new Habits(this);
        Database = new SimDatabase();
        Truth = new Truth(this);
        Trail = new Trail(this);
        Server = new SimServer(this);
        Network = new Network(this);
        Site[] sites = [new("one", "alice"), new("one", "bob"), new("two", "alice")];
        Hosts = [.. sites.Select(s => s.Name).Distinct().Select(name => new Host(this, name))];
        Agents = [.. sites.Select(s => new SimAgent(this, s.User, s.Name, Hosts.Single(h => h.Site == s.Name)))];
    }

    internal ulong Seed { get; }

    /// <summary>For what happens around the code. The order of coroutines is drawn elsewhere.</summary>
    internal Random Random { get; }

    internal SimDatabase Database { get; }

    internal SimServer Server { get; }

    internal Network Network { get; }

    internal IReadOnlyList<Host> Hosts { get; }

    internal IReadOnlyList<SimAgent> Agents { get; }

    internal Truth Truth { get; }

    internal Trail Trail { get; }

    /// <summary>Whether the server gives up attempts that may still run: then it says "lost" of what ended otherwise.</summary>
    internal bool GivesUpEarly { get; }

    /// <summary>Times are multiples of this, in seconds: then much happens at the same moment, in an order that is drawn.</summary>
    internal double Grain { get; }

    /// <summary>Whether some kinds of requests and faults never come here, and others often.</summary>
    internal bool IsSwarm { get; }

    /// <summary>What jobs are like here.</summary>
    internal Habits Habits { get; }

    /// <summary>Tells when what happens to jobs happens.</summary>
    internal Moments Moments { get; } = new();

    /// <summary>How long run directories are kept.</summary>
    internal TimeSpan? KeepFiles { get; }

    /// <summary>What goes wrong at the moment, and will end.</summary>
    private int _troubles;
    private DateTimeOffset _lastTrouble;

    /// <summary>Whether nothing has gone wrong since a moment.</summary>
    internal bool HasWorkedSince(DateTimeOffset moment) => _troubles == 0 && _lastTrouble <= moment;

    /// <summary>Something goes wrong, or works again.</summary>
    internal void Trouble(bool begins)
    {
        _troubles += begins ? 1 : -1;
        _lastTrouble = Now;
    }

    internal Host HostOf(string site) => Hosts.Single(host => host.Site == site);

    /// <summary>What an attempt has written; null when it never ran, or when that is removed.</summary>
    internal SimOutput? OutputOf(AttemptId attempt) => Hosts.Select(host => host.OutputOf(attempt)).FirstOrDefault(output => output is not null);

    /// <summary>Owns everything that is not of one life of the server or of an agent.</summary>
    internal TaskGroup Group { get; set; } = null!;

    /// <summary>How many steps the scenario has.</summary>
    internal int Steps { get; set; }

    /// <summary>The true time, which no clock has to show.</summary>
    internal static DateTimeOffset Now => Schedules.Beginning.AddTicks(EventLoop.Current.Time.GetTimestamp() / TimeSpan.NanosecondsPerTick);

    /// <summary>What the server's clock shows.</summary>
    internal static DateTimeOffset ServerNow => EventLoop.Current.Time.GetUtcNow();

    /// <summary>So far ahead in all, so that the server does not come to forget the keys of requests, which it keeps for a day.</summary>
    private static readonly TimeSpan s_mostAhead = TimeSpan.FromHours(20);

    /// <summary>How far the server's clock was turned ahead, all times together; what it was turned back does not count.</summary>
    internal TimeSpan TurnedAhead { get; private set; }

    /// <summary>How far it was turned back, all times together.</summary>
    internal TimeSpan TurnedBack { get; private set; }

    /// <summary>The server's clock jumps.</summary>
    internal void TurnServerClock(TimeSpan by)
    {
        if (TurnedAhead + by > s_mostAhead)
        {
            return;
        }

        Note($"the server's clock is turned by {by}");
        Schedules.TurnClock(by);
        TurnedAhead += by > TimeSpan.Zero ? by : TimeSpan.Zero;
        TurnedBack -= by < TimeSpan.Zero ? by : TimeSpan.Zero;
    }

    /// <summary>The first promise that was broken, also when whoever found it was not heard.</summary>
    internal BrokenPromiseException? Failure { get; private set; }

    /// <summary>What everybody waited for when the promise was broken.</summary>
    internal string? Tree { get; private set; }

    /// <summary>What happened, for whoever has to understand a failure.</summary>
    internal IReadOnlyList<string> Trace => _trace;

    internal void Note(string what) => _trace.Add($"{Now:HH:mm:ss.ffffff} {what}");

    /// <summary>A time between two, drawn so that short ones are as likely as long ones.</summary>
    internal TimeSpan Between(double leastSeconds, double mostSeconds)
    {
        double drawn = leastSeconds * Math.Pow(mostSeconds / leastSeconds, Random.NextDouble());
        return TimeSpan.FromSeconds(Grain == 0 ? drawn : Math.Round(drawn / Grain) * Grain);
    }

    internal bool Happens(double probability) => Random.NextDouble() < probability;

    internal T Pick<T>(IReadOnlyList<T> from) => from[Random.Next(from.Count)];

    /// <summary>One of the promises is broken.</summary>
    internal void Broken(string promise)
    {
        Note($"BROKEN: {promise}");
        Tree ??= EventLoop.Current.Dump();
        Failure ??= new BrokenPromiseException(promise);
        throw Failure;
    }

    public void Dispose()
    {
        Trail.Dispose();
        Database.Dispose();
    }

    private sealed record Site(string Name, string User);
}
