using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Drover.EndToEnd.Tests;

/// <summary>What is meant to lead elsewhere or to move a cursor, through a real server to a real agent.</summary>
public sealed class HostileInputTests(RunTests.Shared shared) : IClassFixture<RunTests.Shared>
{
    private readonly Installation _drover = shared.Drover;

    [Fact]
    public async Task A_path_never_leads_out_of_the_run_directory()
    {
        JobHandle job = await _drover.SubmitAsync(new JobSpec { Command = ["sh", "-c", "cd $DROVER_RUN_DIR; echo mine > a; ln -s /etc out; ln -s /etc/passwd passwd"], WorkingDirectory = "/" });
        await job.EndAsync();
        Assert.Contains("mine", await AskAsync($"jobs/{job.Id}/files/a"));
        foreach (string path in (string[])
            [
                "../../token", "%2e%2e%2f%2e%2e%2ftoken", "..%2f..%2ftoken", "a/..%2f..%2f..%2ftoken", "%2fetc%2fpasswd", "/etc/passwd", "out/passwd", "out%2fpasswd", "passwd",
                "a%00", "%00", "%2e%2e", "..%5c..%5ctoken", "%c0%ae%c0%ae/%c0%ae%c0%ae/token", "a/%0d%0aX-Evil:1",
            ])
        {
            foreach (string route in (string[])[$"files/{path}", $"files?path={path}", $"archive?path={path}"])
            {
                string answer = await AskAsync($"jobs/{job.Id}/{route}");
                Assert.DoesNotContain("root:", answer);
                Assert.DoesNotContain("drover_", answer);
                Assert.DoesNotContain("\r\nX-Evil", answer);
                Assert.DoesNotMatch("^HTTP/1.1 5", answer);
            }
        }
    }

    [Fact]
    public async Task Names_and_words_of_jobs_never_move_the_cursor_of_who_looks_at_them()
    {
        const string Evil = "\e[2J\e]0;owned\a\r\nFAKE  succeeded\u0085\u202e";
        JobHandle job = await _drover.SubmitAsync(new JobSpec
        {
            Command = ["sh", "-c", $"echo '{Evil}' >&2; printf '{{\"message\":\"\\\\u001b[2J\"}}\\n' >> $DROVER_PROGRESS; exit 3", Evil],
            Name = "evil",
            Environment = new Dictionary<string, string> { ["A"] = Evil },
        });
        await job.EndAsync();
        string id = job.Id.ToString();
        foreach (string[] command in (string[][])[["list", "--all"], ["show", id], ["explain", id], ["files", id], ["wait", id], ["agents"]])
        {
            CommandResult result = await _drover.RunAsync(command);
            Assert.DoesNotContain(result.Text + result.Error, c => (char.IsControl(c) && c != '\n') || c is '\u202e' or '\u0085');
            Assert.DoesNotContain(result.Text.Split('\n'), line => line.StartsWith("FAKE", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Names_of_a_jobs_files_reach_no_terminal_and_no_shell_as_they_are_and_can_be_brought_all_the_same()
    {
        string[] names = ["fine", "line\nrm x", "tab\tend", "\e[2J\e]0;owned\a", "turned\u202eback", "a[1]*?", "$(reboot)`;"];
        JobHandle job = await _drover.SubmitAsync(["sh", "-c", "cd $DROVER_RUN_DIR; mkdir d; for name in \"$@\"; do printf %s \"$name\" >d/\"$name\"; done", "sh", .. names]);
        await job.EndAsync();
        string id = job.Id.ToString();
        CommandResult files = (await _drover.RunAsync("files", id)).Exits(0);
        Assert.DoesNotContain(files.Text, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        Assert.Equal(1 + 1 + names.Length, files.Text.TrimEnd('\n').Split('\n').Length);
        CommandResult offered = (await _drover.RunAsync("complete", "--", "drover", "get", id, "d/")).Exits(0);
        Assert.Equal(["d/$(reboot)`;", "d/a[1]*?", "d/fine"], offered.Text.TrimEnd('\n').Split('\n')[1..].Select(line => line.Split('\t')[0]).Order(StringComparer.Ordinal));

        CommandResult all = (await _drover.RunAsync("get", id, "d", $"names-{id}")).Exits(0);
        Assert.DoesNotContain(all.Text + all.Error, c => char.IsControl(c) && c != '\n');
        foreach (string name in names)
        {
            Assert.Equal(name, await File.ReadAllTextAsync(Path.Combine(_drover.PathOf($"names-{id}"), name)));
            CommandResult one = (await _drover.RunAsync("get", id, $"d/{name}", $"one-{id}", "--force")).Exits(0);
            Assert.DoesNotContain(one.Text + one.Error, c => char.IsControl(c) && c != '\n');
            Assert.Equal(name, await File.ReadAllTextAsync(_drover.PathOf($"one-{id}")));
        }
    }

    [Fact]
    public async Task A_name_that_is_no_text_is_told_in_a_sentence_and_other_files_can_be_chosen()
    {
        JobHandle job = await _drover.SubmitAsync("sh", "-c", "cd $DROVER_RUN_DIR; mkdir d; echo a >d/a; echo b >\"d/$(printf '\\377\\033[2J')\"");
        await job.EndAsync();
        string id = job.Id.ToString();
        foreach (string[] command in (string[][])[["files", id], ["complete", "--", "drover", "get", id, "d/"], ["get", id, "d", $"odd-{id}"], ["get", id, "d/a", $"odd-{id}"]])
        {
            CommandResult result = await _drover.RunAsync(command);
            Assert.Equal(command[^2] == "d" ? 1 : 0, result.ExitCode);
            Assert.DoesNotContain(result.Text.Replace("\t", ""), c => char.IsControl(c) && c != '\n');
            Assert.DoesNotContain(result.Error, c => char.IsControl(c) && c != '\n');
            Assert.Equal(command[^2] == "d", result.Error.Contains("is no valid UTF-8", StringComparison.Ordinal));
        }

        (await _drover.RunAsync("exec", id, "--", "rm", "-r", "d")).Exits(0); // Which the test, as a .NET program, could not.
    }

    /// <summary>Asks for a path as it is: HttpClient would tidy it up.</summary>
    private async Task<string> AskAsync(string route)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(_drover.Url).Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET /api/v1/{route} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {_drover.Token}\r\n\r\n"));
        using var answer = new MemoryStream();
        using var patience = new CancellationTokenSource(Eventually.Patience);
        byte[] buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer, patience.Token) is > 0 and int count)
        {
            answer.Write(buffer, 0, count);
        }

        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
