using System.Diagnostics;

namespace Drover.Cli.Tests.Completions;

/// <summary>The scripts, in the shells that they are for; where one is not installed its tests are skipped.</summary>
public sealed class ShellTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-shell-").FullName;

    public ShellTests()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "drover.dll");
        string wrapper = Path.Combine(_folder, "drover");
        File.WriteAllText(wrapper, $"#!/bin/sh\nexec dotnet '{program}' \"$@\"\n");
        File.SetUnixFileMode(wrapper, (UnixFileMode)0b111_101_101);
        File.WriteAllText(Path.Combine(_folder, "with space.txt"), "");
    }

    [Theory]
    [InlineData("drover comp", "completion")]
    [InlineData("drover admin us", "user")]
    [InlineData("drover submit --cp", "--cpus")]
    [InlineData("drover log 1 --stream stdo", "stdout")]
    [InlineData("drover workflow wi", "with space.txt")]
    [InlineData("drover submit --after=", "")]
    public void Bash_completes(string line, string expected)
    {
        // Outside of a completion bash refuses compopt.
        string script = $$"""
            compopt() { :; }
            source <(drover completion bash)
            COMP_LINE={{Quote(line)}}; COMP_POINT=${#COMP_LINE}; read -ra COMP_WORDS <<<"$COMP_LINE"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMP_TYPE=9
            _drover
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        Assert.Equal(expected, Run("bash", "--norc", "-c", script).Trim());
    }

    [Fact]
    public void Bash_quotes_names_of_files_in_a_job()
    {
        const string Script = """
            compopt() { :; }
            source <(drover completion bash)
            drover() { printf 'none\na b;reboot\t1 kB\n'; }
            COMP_LINE='drover get 17 a'; COMP_POINT=15; COMP_WORDS=(drover get 17 a); COMP_CWORD=3; COMP_TYPE=9
            _drover
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        Assert.Equal("a\\ b\\;reboot", Run("bash", "--norc", "-c", Script).Trim());
    }

    [Theory]
    [InlineData("drover comp", "completion\tPrint a script")]
    [InlineData("drover submit --cp", "--cpus\tCPUs of its own")]
    [InlineData("drover workflow wi", "with space.txt")]
    public void Fish_completes(string line, string expected)
    {
        string answer = Run("fish", "--no-config", "-c", $"drover completion fish | source; complete -C {Quote(line)}");
        Assert.StartsWith(expected, answer.Replace("\\ ", " "), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("drover comp", "completion:Print a script", "source <(drover completion zsh)")]
    [InlineData("drover submit --cp", "--cpus:CPUs of its own", "source <(drover completion zsh)")]
    [InlineData("drover workflow wi", "FILES", "source <(drover completion zsh)")]
    [InlineData("drover comp", "completion:Print a script", "drover completion zsh >_drover; fpath=($PWD $fpath); autoload -U _drover")]
    public void Zsh_completes(string line, string expected, string install)
    {
        // What the script hands to zsh's own functions, which need a terminal.
        string script = $$"""
            compdef() { :; }
            _describe() { print -rl -- "${(@P)3}"; }
            _files() { print FILES; }
            {{install}}
            line={{Quote(line)}}; words=(${=line}); CURRENT=${#words}
            _drover
            """;
        Assert.Single(Run("zsh", "-f", "-c", script).Split('\n'), l => l.StartsWith(expected, StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Quote(string text) => $"'{text}'";

    /// <summary>What it wrote. Without such a shell the test is skipped.</summary>
    private string Run(string shell, params string[] arguments)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        Assert.SkipUnless(folders.Any(folder => File.Exists(Path.Combine(folder, shell))), $"{shell} is not installed");
        var start = new ProcessStartInfo(shell, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["DROVER_DATA"] = Path.Combine(_folder, "data");
        start.Environment["HOME"] = _folder;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", error.GetAwaiter().GetResult());
        return output;
    }
}
