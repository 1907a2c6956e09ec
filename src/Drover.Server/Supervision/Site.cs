namespace Drover.Server.Supervision;

/// <summary>A place where jobs run: its CPUs and run directories. Belongs to the supervision loop.</summary>
internal sealed class Site
{
    private int? _configuredCpus;

    internal Site(string name, int? cpus)
    {
        Name = name;
        _configuredCpus = cpus;
        Cpus = new CpuQueue(name, cpus ?? 0);
    }

    /// <summary>Its name.</summary>
    internal string Name { get; }

    /// <summary>Whether it is known how many CPUs it has: from the configuration, or because an agent has told.</summary>
    internal bool IsMeasured => _configuredCpus is not null;

    /// <summary>Its CPUs.</summary>
    internal CpuQueue Cpus { get; }

    /// <summary>Its shared run directories.</summary>
    internal RunDirectories RunDirectories { get; } = new();

    /// <summary>The limits that its agents say they keep.</summary>
    internal IReadOnlyList<string> Limits { get; private set; } = [];

    /// <summary>Takes over what an agent tells about the site. What is configured is not changed.</summary>
    internal void Learn(AgentMessage.Hello hello)
    {
        Limits = hello.Limits;
        if (_configuredCpus is null)
        {
            _configuredCpus = hello.Cpus;
            Cpus.Resize(hello.Cpus);
        }
    }

    /// <summary>The site as it is shown.</summary>
    internal SiteInfo Show() => new()
    {
        Name = Name,
        Cpus = IsMeasured ? Cpus.Capacity : null,
        FreeCpus = IsMeasured ? Math.Max(0, Cpus.Free) : null,
        Waiting = Cpus.Waiting,
        Limits = Limits,
    };
}
