using System.Globalization;

namespace Drover.Agent.Tests.Keeper;

/// <summary>
/// Makes processes hang in the kernel, deaf to SIGKILL, as a file system does that does not answer: by the freezer of the
/// first version of control groups. Only root can, and only where there is one.
/// </summary>
internal sealed class Freezer : IDisposable
{
    private const string Root = "/sys/fs/cgroup/freezer";
    private readonly string _group = Path.Combine(Root, $"drover-test-{Guid.NewGuid():N}");

    internal Freezer()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists(Path.Combine(Root, "tasks")), "freezing a process takes root and cgroup v1");
        Directory.CreateDirectory(_group);
    }

    internal async Task FreezeAsync(int process)
    {
        Write("cgroup.procs", process.ToString(CultureInfo.InvariantCulture));
        Write("freezer.state", "FROZEN");
        await Site.UntilAsync(() => File.ReadAllText(Path.Combine(_group, "freezer.state")) == "FROZEN\n");
    }

    internal void Thaw() => Write("freezer.state", "THAWED");

    public void Dispose()
    {
        Thaw();
        foreach (string process in File.ReadAllLines(Path.Combine(_group, "cgroup.procs")))
        {
            File.WriteAllText(Path.Combine(Root, "cgroup.procs"), process);
        }

        Directory.Delete(_group);
    }

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_group, file), text);
}
