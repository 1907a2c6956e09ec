using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Configuration;

/// <summary>Reads <c>drover.yaml</c>.</summary>
/// <example>
/// <code>
/// listen: 127.0.0.1:8000      # or a port alone; default: any free port of the loopback address
/// sites:
///   - name: local
///     cpus: 4                 # default: all
///     memory: 8G
/// agents:
///   heartbeatSeconds: 10
///   idleMinutes: 30
///   lostAfterHours: 24
/// jobs:
///   graceSeconds: 10
///   maxTime: 2d               # or 36h, 90m, 12:00:00; default: no limit
///   keepFiles: 30d            # after the end; default: for ever
/// inputs:
///   keepDays: 7               # uploaded files that no unfinished job needs
///   quota: 100G               # for each user; default: no bound
///   reserve: 1G               # stays free on the disk; default: 5 % of it, at most 1G
/// logLevel: information
/// logFormat: text             # or json
/// telemetry:
///   endpoint: http://localhost:4318
/// </code>
/// </example>
internal static class ConfigurationFile
{
    private const double SecondsInAYear = 365 * 86400;

    private static readonly Dictionary<string, LogLevel> s_logLevels =
        Enum.GetValues<LogLevel>().ToDictionary(l => l.ToString().ToLowerInvariant());

    private static readonly Dictionary<string, LogFormat> s_logFormats =
        Enum.GetValues<LogFormat>().ToDictionary(l => l.ToString().ToLowerInvariant());

    /// <summary>The options that a file sets, and the defaults of the others. Blocks briefly.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isOptional">Whether the defaults hold when there is no such file.</param>
    /// <exception cref="ConfigurationException">It cannot be read or has mistakes: all of them are named.</exception>
    public static ServerOptions Load(string path, bool isOptional)
    {
        try
        {
            using var reader = new StreamReader(path);
            return Parse(reader, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return isOptional ? new ServerOptions() : throw new ConfigurationException([$"{path}: there is no such file"], e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"{path}: it cannot be read by the user {Environment.UserName}: {e.Message}"], e);
        }
    }

    /// <summary>The same from a section of an application's configuration, whose keys may begin with a capital letter.</summary>
    /// <exception cref="ConfigurationException">It has mistakes: all of them are named.</exception>
    public static ServerOptions Read(IConfiguration configuration)
    {
        var mistakes = new Mistakes((configuration as IConfigurationSection)?.Path ?? "The configuration");
        return Parse(ConfigurationTree.Of(configuration), mistakes);
    }

    private static ServerOptions Parse(TextReader text, string path)
    {
        var mistakes = new Mistakes(path);
        return Parse(YamlDocument.Read(text, mistakes), mistakes);
    }

    private static ServerOptions Parse(YamlValue? root, Mistakes mistakes)
    {
        ServerOptions options = Section.Read(root, "the file", mistakes, section => new ServerOptions
        {
            Listen = section.Value("listen", "an address and a port, such as 127.0.0.1:8000, or a port", ParseListen)
                is { } listen ? new IPEndPoint(listen.Address, listen.Port) : new ServerOptions().Listen,
            Sites = ReadSites(section, mistakes),
            Agents = section.Part("agents", ReadAgents),
            Jobs = section.Part("jobs", ReadJobs),
            Inputs = section.Part("inputs", ReadInputs),
            LogLevel = section.Choice("logLevel", s_logLevels) ?? new ServerOptions().LogLevel,
            LogFormat = section.Choice("logFormat", s_logFormats) ?? new ServerOptions().LogFormat,
            Telemetry = section.Part("telemetry", ReadTelemetry),
        });
        mistakes.ThrowIfAny();
        return options;
    }

    private static List<SiteOptions> ReadSites(Section section, Mistakes mistakes)
    {
        var sites = new List<SiteOptions>();
        var lines = new Dictionary<string, int>();
        foreach ((int line, SiteOptions? site) in section.Parts("sites", ReadSite))
        {
            if (site is not null && !lines.TryAdd(site.Name, line))
            {
                mistakes.Add(line, string.Create(CultureInfo.InvariantCulture, $"the site '{site.Name}' is in line {lines[site.Name]} already"));
            }
            else if (site is not null)
            {
                sites.Add(site);
            }
        }

        return sites;
    }

    private static (int Line, SiteOptions? Site) ReadSite(Section section)
    {
        string? name = section.RequiredText("name", "letters, digits, dots, dashes and underscores, at most 64, the first a letter or digit", Names.IsSite);
        int? cpus = section.Whole("cpus", 1, int.MaxValue);
        long? memory = ReadSize(section, "memory", least: 1);
        return (section.Line, name is null ? null : new SiteOptions { Name = name, Cpus = cpus, MemoryBytes = memory });
    }

    private static AgentOptions ReadAgents(Section section)
    {
        var defaults = new AgentOptions();
        return new AgentOptions
        {
            Heartbeat = section.Number("heartbeatSeconds", 0.1, 3600) is { } s ? TimeSpan.FromSeconds(s) : defaults.Heartbeat,
            Idle = section.Number("idleMinutes", 0.01, SecondsInAYear / 60) is { } m ? TimeSpan.FromMinutes(m) : defaults.Idle,
            LostAfter = section.Number("lostAfterHours", 0.001, SecondsInAYear / 3600) is { } h ? TimeSpan.FromHours(h) : defaults.LostAfter,
        };
    }

    private static JobOptions ReadJobs(Section section) => new()
    {
        Grace = section.Number("graceSeconds", 0, 86400) is { } s ? TimeSpan.FromSeconds(s) : new JobOptions().Grace,
        MaxTime = ReadDuration(section, "maxTime"),
        KeepFiles = ReadDuration(section, "keepFiles"),
    };

    private static TelemetryOptions ReadTelemetry(Section section) => new()
    {
        Endpoint = section.Text(
            "endpoint", "an address, such as http://localhost:4318", text => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
            is { } address ? new Uri(address) : null,
    };

    private static InputOptions ReadInputs(Section section) => new()
    {
        Keep = section.Number("keepDays", 1, 3650) is { } days ? TimeSpan.FromDays(days) : new InputOptions().Keep,
        Quota = ReadSize(section, "quota", least: 1),
        Reserve = ReadSize(section, "reserve", least: 0),
    };

    private static long? ReadSize(Section section, string key, long least) => section.Value<long>(
        key, "a size, such as 4G or 512MiB", text => Quantities.TryParseBytes(text, out long bytes) && bytes >= least ? bytes : null);

    private static TimeSpan? ReadDuration(Section section, string key) => section.Value<TimeSpan>(
        key,
        "a duration, such as 90 (seconds), 30m, 2h, 1d or 12:00:00",
        text => Quantities.TryParseDuration(text, out TimeSpan time) && time > TimeSpan.Zero ? time : null);

    // IPEndPoint.Parse would take 8000 for the address 0.0.31.64.
    private static (IPAddress Address, int Port)? ParseListen(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? "localhost" : text[..colon];
        IPAddress? address = host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            ['[', .. var inner, ']'] => Address(inner, System.Net.Sockets.AddressFamily.InterNetworkV6),
            _ => Address(host, System.Net.Sockets.AddressFamily.InterNetwork),
        };
        return address is not null && ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? (address, port)
            : null;

        // Four numbers: it would also take 127.1.
        static IPAddress? Address(string text, System.Net.Sockets.AddressFamily family) =>
            IPAddress.TryParse(text, out IPAddress? address) && address.AddressFamily == family
            && (family != System.Net.Sockets.AddressFamily.InterNetwork || text.Count(c => c == '.') == 3) ? address : null;
    }
}
