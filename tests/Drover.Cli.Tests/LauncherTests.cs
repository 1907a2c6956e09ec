using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Drover.Cli.Tests;

/// <summary>The launcher, with a <c>dotnet</c> that only writes down that it was called and makes what a build makes.</summary>
public sealed class LauncherTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-launcher-").FullName;

    public LauncherTests()
    {
        File.Copy(Path.Combine(Repository(), "drover"), InFolder("drover"));
        Directory.CreateDirectory(InFolder("src/Drover.Cli"));
        foreach (string file in new[] { "src/Drover.Cli/Program.cs", "Directory.Build.props", "Directory.Build.targets", "global.json" })
        {
            File.WriteAllText(InFolder(file), "");
        }

        WriteDotnet(succeeds: true);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_first_use_builds_and_says_so_and_the_second_does_not()
    {
        LauncherResult first = Run("list", "two words");
        Assert.Equal((0, "ran: list|two words|\n", "drover: building, because this is its first use\n"), first);
        Assert.Equal((0, "ran: list|\n", ""), Run("list"));
        Assert.Equal(1, Builds());
    }

    [Theory]
    [InlineData("src/Drover.Cli/Program.cs")]
    [InlineData("src/Drover.Cli/New.cs")]
    [InlineData("global.json")]
    public void A_source_that_is_newer_than_the_build_makes_it_build_again(string source)
    {
        Run();
        File.WriteAllText(InFolder(source), "changed");
        File.SetLastWriteTimeUtc(InFolder(source), DateTime.UtcNow.AddMinutes(1));
        LauncherResult second = Run();
        Assert.Equal("drover: building, because its sources have changed\n", second.Error);
        Assert.Equal(2, Builds());
    }

    [Fact]
    public void A_build_that_fails_shows_its_errors_and_nothing_runs()
    {
        WriteDotnet(succeeds: false);
        LauncherResult result = Run("list");
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.Contains("error CS1002: ; expected", result.Error);
        Assert.EndsWith("drover: it could not be built; the errors are above\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_at_once_build_once()
    {
        using Process first = Start();
        using Process second = Start();
        foreach (Process process in new[] { first, second })
        {
            Assert.Equal("ran: \n", process.StandardOutput.ReadToEnd());
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        Assert.Equal(1, Builds());
    }

    [Fact]
    public void What_a_build_leaves_running_holds_neither_pipe_nor_lock()
    {
        // As the compiler's server does. If it held the output, reading that to its end would take as long as it lives.
        WriteDotnet(succeeds: true, extra: "sleep 60 & echo $! > left-behind");
        try
        {
            Assert.Equal("ran: \n", Run().Output);
            File.SetLastWriteTimeUtc(InFolder("global.json"), DateTime.UtcNow.AddMinutes(1));
            Assert.DoesNotContain("waiting for another build", Run().Error);
        }
        finally
        {
            using var left = Process.GetProcessById(int.Parse(File.ReadAllText(InFolder("left-behind"))));
            left.Kill();
        }
    }

    [Fact]
    public void A_build_leaves_alone_what_still_runs_and_removes_what_does_not()
    {
        WriteDotnet(succeeds: true, program: "cp \"$(command -v sleep)\" $out/drover");
        using Process running = Start("drover", "60"); // Stands for a server, an agent, a keeper.
        try
        {
            string theirs = WaitForProgram(running);
            Rebuild();
            Assert.True(File.Exists(theirs));
            Assert.Equal(2, Copies());
        }
        finally
        {
            running.Kill();
            running.WaitForExit();
        }

        Rebuild();
        Assert.Equal(1, Copies());

        void Rebuild()
        {
            File.SetLastWriteTimeUtc(InFolder("global.json"), DateTime.UtcNow.AddMinutes(1));
            Assert.Equal(0, Run("0").ExitCode);
        }
    }

    [Fact]
    public void It_may_be_called_through_a_symbolic_link_from_anywhere()
    {
        Directory.CreateDirectory(InFolder("bin"));
        File.CreateSymbolicLink(InFolder("bin/drover"), "../drover");
        using Process process = Start("bin/drover");
        Assert.Equal("ran: \n", process.StandardOutput.ReadToEnd());
    }

    private static string Repository([CallerFilePath] string here = "") => Path.GetFullPath("../../..", here);

    private string InFolder(string path) => Path.Combine(_folder, path);

    private int Builds() => File.ReadAllLines(InFolder("builds")).Length;

    private int Copies() => Directory.GetDirectories(InFolder("artifacts/drover")).Count(d => new DirectoryInfo(d).LinkTarget is null);

    /// <summary>Waits until the launcher has become the program, and returns its path.</summary>
    private static string WaitForProgram(Process process)
    {
        while (true)
        {
            string path = new FileInfo($"/proc/{process.Id}/exe").LinkTarget ?? throw new InvalidOperationException("It has ended.");
            if (Path.GetFileName(path) == "drover")
            {
                return path;
            }
        }
    }

    private void WriteDotnet(bool succeeds, string extra = "", string? program = null)
    {
        program ??= """printf '#!/bin/sh\nprintf "ran: "\n[ $# -eq 0 ] || printf "%%s|" "$@"\necho\n' > $out/drover""";
        string script = succeeds
            ? $$"""
                #!/bin/sh
                echo "$*" >> builds
                {{extra}}
                while [ "$1" != -o ]; do shift; done
                out=$2
                mkdir -p $out
                {{program}}
                chmod +x $out/drover
                touch $out/built
                """
            : """
                #!/bin/sh
                echo "Program.cs(1,1): error CS1002: ; expected"
                exit 1
                """;
        Directory.CreateDirectory(InFolder("path"));
        File.WriteAllText(InFolder("path/dotnet"), script);
        File.SetUnixFileMode(InFolder("path/dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private LauncherResult Run(params string[] arguments)
    {
        using Process process = Start("drover", arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new LauncherResult(process.ExitCode, output, error.Result);
    }

    private Process Start(string program = "drover", params string[] arguments)
    {
        var start = new ProcessStartInfo(InFolder(program))
        {
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["PATH"] = $"{InFolder("path")}:{Environment.GetEnvironmentVariable("PATH")}" },
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private sealed record LauncherResult(int ExitCode, string Output, string Error)
    {
        public static implicit operator LauncherResult((int ExitCode, string Output, string Error) t) => new(t.ExitCode, t.Output, t.Error);
    }
}
