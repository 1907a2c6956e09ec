namespace Drover.Bench.Runtime;

/// <summary>A program that measures the cases, or serves echoes, in a process of its own.</summary>
/// <param name="Name">Its column in the table.</param>
/// <param name="FileName">The executable.</param>
/// <param name="Arguments">What comes before the case's name.</param>
/// <param name="WhyMissing">Tells why the peer cannot run here; null when it can.</param>
internal sealed record Peer(string Name, string FileName, IReadOnlyList<string> Arguments, Func<Task<string?>> WhyMissing)
{
    public static IReadOnlyList<Peer> All { get; } =
    [
        InThisExecutable("drover"),
        InThisExecutable("bcl"),
        new("go", Repository.GoProgram, [], () => Task.FromResult(
            File.Exists(Repository.GoProgram) ? null : $"{Repository.GoProgram} is not built (Debian package golang-go)")),
        OnPython("asyncio", "bench_asyncio.py", module: "asyncio", package: "python3"),
        OnPython("uvloop", "bench_asyncio.py", module: "uvloop", package: "python3-uvloop", "--uvloop"),
        OnPython("trio", "bench_trio.py", module: "trio", package: "python3-trio"),
        OnPython("gevent", "bench_gevent.py", module: "gevent", package: "python3-gevent"),
    ];

    private static Peer InThisExecutable(string name) =>
        new(name, Environment.ProcessPath!, ["peer", name], () => Task.FromResult<string?>(null));

    private static Peer OnPython(string name, string script, string module, string package, params string[] options) =>
        new(name, Repository.Python, ["-B", Repository.PythonScript(script), .. options], async () =>
        {
            try
            {
                await ChildProcess.RunAsync(Repository.Python, ["-c", $"import {module}"]);
                return null;
            }
            catch (BenchmarkException failure)
            {
                return $"it needs the Debian package {package} ({failure.Message})";
            }
        });
}
