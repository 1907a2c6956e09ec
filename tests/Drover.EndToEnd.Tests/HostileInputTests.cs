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
