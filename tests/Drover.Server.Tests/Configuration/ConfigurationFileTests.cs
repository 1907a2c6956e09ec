using System.Net;
using Drover.Server.Configuration;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Tests.Configuration;

public sealed class ConfigurationFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public ConfigurationFileTests() => _path = _folder["drover.yaml"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_can_be_set()
    {
        ServerOptions options = Load(
            """
            # A comment.
            listen: 127.0.0.2:8000
            sites:
              - name: local
                cpus: 4
                memory: 1.5G
              - {name: nersc}
            agents:
              heartbeatSeconds: 2.5
              idleMinutes: 1
              lostAfterHours: 48
            jobs:
              graceSeconds: 0
              maxTime: 24:00:00
            logLevel: Debug
            """);

        Assert.Equal(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 8000), options.Listen);
        Assert.Equal(
            [new SiteOptions { Name = "local", Cpus = 4, MemoryBytes = 3L << 29 }, new SiteOptions { Name = "nersc" }],
            options.Sites);
        Assert.Equal(options.Sites[0], options.Site("local"));
        Assert.Null(options.Site("elsewhere"));
        Assert.Equal(
            new AgentOptions { Heartbeat = TimeSpan.FromSeconds(2.5), Idle = TimeSpan.FromMinutes(1), LostAfter = TimeSpan.FromDays(2) },
            options.Agents);
        Assert.Equal(new JobOptions { Grace = TimeSpan.Zero, MaxTime = TimeSpan.FromDays(1) }, options.Jobs);
        Assert.Equal(LogLevel.Debug, options.LogLevel);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("---\n")]
    [InlineData("sites:\nagents: ~\njobs:\n  maxTime:\nlisten: null\n")]
    public void What_is_not_set_has_its_default(string text)
    {
        ServerOptions options = Load(text);

        Assert.Equal(new ServerOptions(), options with { Sites = new ServerOptions().Sites });
        Assert.Empty(options.Sites);
    }

    [Theory]
    [InlineData("8000", "127.0.0.1:8000")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    [InlineData("'*:80'", "0.0.0.0:80")]
    [InlineData("'[::1]:8000'", "[::1]:8000")]
    public void An_address_can_be_written_in_several_ways(string listen, string endPoint) =>
        Assert.Equal(IPEndPoint.Parse(endPoint), Load($"listen: {listen}").Listen);

    [Theory]
    [InlineData("listen: here", "1: 'listen' must be an address and a port, such as 127.0.0.1:8000, or a port, not 'here'")]
    [InlineData("listen: 70000", "1: 'listen' must be an address and a port, such as 127.0.0.1:8000, or a port, not '70000'")]
    [InlineData("listen: 127.0.0.1", "1: 'listen' must be an address and a port, such as 127.0.0.1:8000, or a port, not '127.0.0.1'")]
    [InlineData("listen: example.org:80", "1: 'listen' must be an address and a port, such as 127.0.0.1:8000, or a port, not 'example.org:80'")]
    [InlineData("listen: [1]", "1: 'listen' must be an address and a port, such as 127.0.0.1:8000, or a port, not a list")]
    [InlineData("sites:\n  - name: a\n    cpus: four", "3: 'cpus' must be a whole number from 1, not 'four'")]
    [InlineData("sites:\n  - name: a\n    cpus: 0", "3: 'cpus' must be a whole number from 1, not '0'")]
    [InlineData("sites:\n  - name: a\n    cpus: 1.5", "3: 'cpus' must be a whole number from 1, not '1.5'")]
    [InlineData("sites:\n  - name: a\n    memory: 4 apples", "3: 'memory' must be a size, such as 4G or 512MiB, not '4 apples'")]
    [InlineData("sites:\n  - cpus: 1", "2: 'name' is missing here")]
    [InlineData("sites:\n  - name: a b", "2: 'name' must be letters, digits, dots, dashes and underscores, at most 64, the first a letter or digit, not 'a b'")]
    [InlineData("sites:\n  - name: a\n  - name: b\n  - name: a", "4: the site 'a' is in line 2 already")]
    [InlineData("sites:\n  name: a", "2: 'sites' must be a list, with a dash before each item, not keys with values")]
    [InlineData("sites:\n  - local", "2: an item of 'sites' must be keys with values, not 'local'", "2: 'name' is missing here")]
    [InlineData("agents: 3", "1: 'agents' must be keys with values, not '3'")]
    [InlineData("agents:\n  heartbeatSeconds: soon", "2: 'heartbeatSeconds' must be a number from 0.1 to 3600, not 'soon'")]
    [InlineData("agents:\n  heartbeatSeconds: NaN", "2: 'heartbeatSeconds' must be a number from 0.1 to 3600, not 'NaN'")]
    [InlineData("jobs:\n  graceSeconds: -1", "2: 'graceSeconds' must be a number from 0 to 86400, not '-1'")]
    [InlineData("jobs:\n  maxTime: 10:30", "2: 'maxTime' must be a duration, such as 90 (seconds), 30m, 2h, 1d or 12:00:00, not '10:30'")]
    [InlineData("jobs:\n  maxTime: 0", "2: 'maxTime' must be a duration, such as 90 (seconds), 30m, 2h, 1d or 12:00:00, not '0'")]
    [InlineData("logLevel: warnings", "1: 'logLevel' must be one of trace, debug, information, warning, error, critical, none, not 'warnings'; did you mean 'warning'?")]
    [InlineData("logLevel: loud", "1: 'logLevel' must be one of trace, debug, information, warning, error, critical, none, not 'loud'")]
    [InlineData("jobs:\n  graceSecond: 3", "2: 'graceSecond' is not known here; did you mean 'graceSeconds'?")]
    [InlineData("jobs:\n  max_time: 3", "2: 'max_time' is not known here; did you mean 'maxTime'?")]
    [InlineData("ajents:\n  x: 3", "1: 'ajents' is not known here; did you mean 'agents'?")]
    [InlineData("jobs:\n  colour: red", "2: 'colour' is not known here; there is graceSeconds, maxTime, keepFiles")]
    [InlineData("listen: 1\nlisten: 2", "2: 'listen' is in line 1 already")]
    [InlineData("listen: 1\n---\nlisten: 2", "2: a second document begins here, and only one is read")]
    [InlineData("listen: &a 1\njobs: *a", "2: references with * are not read: write the value itself")]
    [InlineData("[a, b]: c", "1: a key must be a word, not a list")]
    [InlineData("- a", "1: the file must be keys with values, not a list")]
    [InlineData("hello", "1: the file must be keys with values, not 'hello'")]
    public void A_mistake_is_named_with_its_line(string text, params string[] mistakes) =>
        Assert.Equal(mistakes.Select(m => $"{_path}:{m}"), Mistakes(text));

    [Theory]
    [InlineData("listen: 1\njobs: {graceSeconds: 3\nlogLevel: debug", 2)]
    [InlineData("listen: 1\n\tjobs: 3", 2)]
    [InlineData("listen: 1\nlogLevel: 'debug", 2)]
    [InlineData("agents:\n  idleMinutes: 3\n   lostAfterHours: 3", 3)]
    public void Wrong_syntax_is_named_with_its_line(string text, int line)
    {
        string mistake = Assert.Single(Mistakes(text));

        Assert.StartsWith($"{_path}:{line}: this is not YAML: ", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_lines()
    {
        string[] mistakes = Mistakes(
            """
            logLevel: loud
            sites:
              - name: a
                cpus: four
                cpu: 5
              - cpus: -1
            jobs:
              maxTime: forever
            jobs:
              graceSeconds: 3
            listen: here
            """);

        Assert.Equal(
            ["1: 'logLevel'", "4: 'cpus'", "5: 'cpu'", "6: 'name'", "6: 'cpus'", "8: 'maxTime'", "9: 'jobs'", "11: 'listen'"],
            mistakes.Select(m => string.Join(' ', m[(_path.Length + 1)..].Split(' ')[..2])));
    }

    [Fact]
    public void A_file_that_is_missing_is_fine_only_where_it_is_optional()
    {
        Assert.Equal(new ServerOptions(), ConfigurationFile.Load(_path, isOptional: true));

        var error = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(_path, isOptional: false));
        Assert.Equal($"{_path}: there is no such file", error.Message);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_told()
    {
        Directory.CreateDirectory(_path);

        var error = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(_path, isOptional: true));

        Assert.Contains("cannot be read", error.Message, StringComparison.Ordinal);
    }

    private ServerOptions Load(string text)
    {
        File.WriteAllText(_path, text);
        return ConfigurationFile.Load(_path, isOptional: false);
    }

    private string[] Mistakes(string text) => [.. Assert.Throws<ConfigurationException>(() => Load(text)).Mistakes];
}
