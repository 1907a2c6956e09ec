using System.Security.Cryptography;
using System.Text;

namespace Drover.Coroutines.Tests.Processes;

public sealed class SubprocessStreamTests
{
    private const int Megabyte = 1 << 20;

    [Fact]
    public void Lines_come_one_by_one_and_the_last_may_lack_its_end() => EventLoop.Run(async () =>
    {
        Assert.Equal(["one", "", "two", "three"], await LinesAsync(new ProcessSpec("printf", @"one\n\ntwo\r\nthree")));
        Assert.Equal(["one"], await LinesAsync(new ProcessSpec("printf", @"one\n")));
        Assert.Empty(await LinesAsync(new ProcessSpec("true")));
    });

    [Fact]
    public void Bytes_that_are_no_text_become_replacement_characters() => EventLoop.Run(async () =>
        Assert.Equal(["a\uFFFDb", "č"], await LinesAsync(new ProcessSpec("printf", @"a\377b\n\304\215\n"))));

    [Fact]
    public void A_line_that_is_too_long_comes_in_pieces_of_whole_characters() => EventLoop.Run(async () =>
    {
        var spec = new ProcessSpec("printf", "0123456789ab\nčččččččč\n12345678\n\n🐎🐎🐎") { MaxLineLength = 9 };
        string[] expected = ["012345678", "9ab", "čččč", "čččč", "12345678", "", "🐎🐎", "🐎"];
        Assert.Equal(expected, await LinesAsync(spec));
    });

    [Fact]
    public void A_hundred_thousand_lines_arrive_in_order() => EventLoop.Run(async () =>
        Assert.Equal(Enumerable.Range(1, 100_000).Select(i => $"{i}"), await LinesAsync(new ProcessSpec("seq", "100000"))));

    [Fact]
    public void A_line_is_seen_as_soon_as_it_is_written() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sh", "-c", "echo first; read answer; echo got $answer") { Input = InputSource.Pipe }, async process =>
        {
            Assert.Equal("first", await process.Output.ReadLineAsync());
            await process.Input.WriteLineAsync("it");
            Assert.Equal("got it", await process.Output.ReadLineAsync());
            Assert.Null(await process.Output.ReadLineAsync());
            Assert.Null(await process.Output.ReadLineAsync());
        }));

    [Fact]
    public void Who_leaves_the_lines_early_goes_on_with_lines_or_bytes_later() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("printf", "one\ntwo\nthree\nfour"), async process =>
        {
            await foreach (string line in process.Output.ReadLinesAsync())
            {
                Assert.Equal("one", line);
                break;
            }

            Assert.Equal("two", await process.Output.ReadLineAsync());
            var rest = new byte[100];
            Assert.Equal("three\nfour", Encoding.UTF8.GetString(rest, 0, await process.Output.ReadAsync(rest)));
            Assert.Equal(0, await process.Output.ReadAsync(rest));
        }));

    [Fact]
    public void A_slow_reader_holds_the_writer_and_gets_every_byte() => EventLoop.Run(async () =>
    {
        using var folder = new TemporaryFolder();
        byte[] data = RandomNumberGenerator.GetBytes(10 * Megabyte);
        await Blocking.RunAsync(() => File.WriteAllBytes(folder["data"], data));
        var spec = new ProcessSpec("sh", "-c", "for i in 0 1 2 3 4 5 6 7 8 9; do echo $i >> progress; dd if=data bs=1M skip=$i count=1 status=none; done")
        {
            WorkingDirectory = folder.Path,
        };
        await Subprocess.RunAsync(spec, async process =>
        {
            await UntilAsync(() => File.Exists(folder["progress"]) && SleepsIn(process.Id, "dd"));
            Assert.Equal("0\n", File.ReadAllText(folder["progress"])); // The first megabyte does not fit into the pipe.
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[100_000];
            int total = 0;
            for (int count; (count = await process.Output.ReadAsync(buffer)) > 0; total += count)
            {
                hash.AppendData(buffer, 0, count);
                if (total < 5 * Megabyte)
                {
                    int begun = File.ReadAllLines(folder["progress"]).Length;
                    Assert.InRange(begun, 1, ((total + count + (1 << 17)) / Megabyte) + 1);
                }
            }

            Assert.Equal(data.Length, total);
            Assert.Equal(SHA256.HashData(data), hash.GetHashAndReset());
            Assert.Equal(new ProcessExit.Exited(0), await process.WaitAsync());
        });
    });

    [Fact]
    public void Megabytes_go_in_and_out_at_once() => EventLoop.Run(async () =>
    {
        byte[] data = RandomNumberGenerator.GetBytes(5 * Megabyte);
        var echoed = new MemoryStream();
        await Subprocess.RunAsync(new ProcessSpec("cat") { Input = InputSource.Pipe }, process => TaskGroup.RunAsync(async group =>
        {
            group.Start(async () =>
            {
                await process.Input.WriteAsync(data);
                process.Input.Close();
            });
            var buffer = new byte[30_000];
            for (int count; (count = await process.Output.ReadAsync(buffer)) > 0;)
            {
                echoed.Write(buffer, 0, count);
            }
        }));
        Assert.Equal(data, echoed.ToArray());
    });

    [Fact]
    public void Libraries_read_and_write_through_streams_on_whatever_thread_they_run() => EventLoop.Run(async () =>
    {
        byte[] data = RandomNumberGenerator.GetBytes(3 * Megabyte);
        var echoed = new MemoryStream();
        await Subprocess.RunAsync(new ProcessSpec("cat") { Input = InputSource.Pipe }, process => TaskGroup.RunAsync(async group =>
        {
            group.Start(async () =>
            {
                await using Stream input = process.Input.AsStream();
                await new MemoryStream(data).CopyToAsync(input);
            });
            await process.Output.AsStream().CopyToAsync(echoed);
        }));
        Assert.Equal(data, echoed.ToArray());
    });

    [Fact]
    public void A_thread_reads_a_stream_synchronously_and_the_loop_refuses_to() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("seq", "3"), async process =>
        {
            using var reader = new StreamReader(process.Output.AsStream());
            Assert.Throws<InvalidOperationException>(reader.ReadLine);
            Assert.Equal("1\n2\n3\n", await Blocking.RunAsync(reader.ReadToEnd));
        }));

    [Fact]
    public void A_stream_obeys_the_token_that_it_is_given() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sleep", "60"), async process =>
        {
            using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(20), EventLoop.Current.Time);
            Stream stream = process.Output.AsStream();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadExactlyAsync(new byte[1], source.Token));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await stream.ReadExactlyAsync(new byte[1], source.Token));
        }));

    [Fact]
    public void A_canceled_read_loses_nothing() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sh", "-c", "for i in $(seq 300); do echo $i; done; cat") { Input = InputSource.Pipe }, async process =>
        {
            var lines = new List<string>();
            var random = new Random(7);
            while (lines.Count < 300)
            {
                Outcome outcome = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMicroseconds(random.Next(50)), async () =>
                {
                    while (lines.Count < 300)
                    {
                        lines.Add((await process.Output.ReadLineAsync())!);
                    }
                });
            }

            Assert.Equal(Enumerable.Range(1, 300).Select(i => $"{i}"), lines);
            Outcome<int> read = await CancelScope.MoveOnAfterAsync(
                TimeSpan.FromMilliseconds(1), async () => await process.Output.ReadAsync(new byte[10]));
            Assert.IsType<CancelReason.Deadline>(read.Reason);
            await process.Input.WriteLineAsync("after");
            Assert.Equal("after", await process.Output.ReadLineAsync());
        }));

    [Fact]
    public void A_second_reader_or_writer_is_refused() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sleep", "60") { Input = InputSource.Pipe }, process => TaskGroup.RunAsync(async group =>
        {
            group.Start(async () => await process.Output.ReadLineAsync());
            group.Start(async () => await process.Input.WriteAsync(new byte[Megabyte]));
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
            var read = await Assert.ThrowsAsync<InvalidOperationException>(async () => await process.Output.ReadAsync(new byte[1]));
            Assert.Contains($"read output of 'sleep' (pid {process.Id})", read.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await process.Input.WriteAsync("x"));
            group.Cancel("seen");
        })));

    [Fact]
    public void Writing_to_a_process_that_no_longer_reads_says_so() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("true") { Input = InputSource.Pipe }, async process =>
        {
            await process.WaitAsync();
            var e = await Assert.ThrowsAsync<IOException>(async () => await process.Input.WriteAsync("too late"));
            Assert.StartsWith($"Cannot write input of 'true' (pid {process.Id}): it no longer reads", e.Message, StringComparison.Ordinal);
        }));

    [Fact]
    public void A_writer_that_waits_is_told_when_the_process_ends() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("sh", "-c", "read line; exit 3") { Input = InputSource.Pipe }, async process =>
        {
            await Assert.ThrowsAsync<IOException>(async () => await process.Input.WriteAsync(new string('\n', Megabyte)));
            Assert.Equal(new ProcessExit.Exited(3), await process.WaitAsync());
        }));

    [Fact]
    public void Errors_can_go_where_the_output_goes_in_the_order_of_writing() => EventLoop.Run(async () =>
    {
        var spec = new ProcessSpec("sh", "-c", "echo 1; echo 2 >&2; echo 3; echo 4 >&2") { Error = OutputTarget.SameAsOutput };
        ProcessResult result = await Subprocess.RunAsync(spec);
        Assert.Equal("1\n2\n3\n4\n", result.Output);
        Assert.Equal("", result.Error);
        await Assert.ThrowsAsync<ArgumentException>(() => Subprocess.RunAsync(spec with { Output = OutputTarget.SameAsOutput }));
    });

    [Fact]
    public void Streams_come_from_files_and_go_to_files() => EventLoop.Run(async () =>
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["in"], "from a file\n");
        var spec = new ProcessSpec("sh", "-c", "cat; echo err >&2")
        {
            Input = InputSource.File(folder["in"]),
            Output = OutputTarget.File(folder["out"], append: true),
            Error = OutputTarget.File(folder["err"]),
        };
        await Subprocess.RunAsync(spec);
        ProcessResult again = await Subprocess.RunAsync(spec);
        Assert.Equal("", again.Output);
        Assert.Equal("from a file\nfrom a file\n", File.ReadAllText(folder["out"]));
        Assert.Equal("err\n", File.ReadAllText(folder["err"]));
        await Subprocess.RunAsync(spec with { Error = OutputTarget.SameAsOutput, Output = OutputTarget.File(folder["out"]) });
        Assert.Equal("from a file\nerr\n", File.ReadAllText(folder["out"]));
    });

    [Fact]
    public void Streams_can_be_nothing_or_inherited() => EventLoop.Run(async () =>
    {
        var spec = new ProcessSpec("sh", "-c", "links=$(readlink /proc/$$/fd/0 /proc/$$/fd/1); echo \"$links\" >&2");
        ProcessResult result = await Subprocess.RunAsync(spec with { Output = OutputTarget.Null });
        Assert.Equal("/dev/null\n/dev/null\n", result.Error);
        result = await Subprocess.RunAsync(
            spec with { Input = InputSource.Inherit, Output = OutputTarget.Inherit });
        Assert.Equal($"{Link(0)}\n{Link(1)}\n", result.Error);

        static string Link(int file) => new FileInfo($"/proc/self/fd/{file}").LinkTarget!;
    });

    [Fact]
    public void A_stream_that_is_no_pipe_cannot_be_used() => EventLoop.Run(() =>
        Subprocess.RunAsync(new ProcessSpec("true") { Output = OutputTarget.Null }, async process =>
        {
            Assert.Throws<InvalidOperationException>(() => process.Output);
            Assert.Throws<InvalidOperationException>(() => process.Input);
            Assert.Null(await process.Error.ReadLineAsync());
        }));

    [Fact]
    public void What_is_collected_is_the_last_part() => EventLoop.Run(async () =>
    {
        ProcessResult result = await Subprocess.RunAsync(new ProcessSpec("seq", "1000000") { MaxCollected = 14 });
        Assert.Equal("999999\n1000000\n"[1..], result.Output);
        Assert.True(result.IsOutputCut);
        Assert.False(result.IsErrorCut);
    });

    [Fact]
    public void What_is_collected_is_complete_although_a_child_keeps_the_pipe() => EventLoop.Run(async () =>
    {
        // setsid leaves the group, as the master of a shared ssh connection does; it holds the pipe and must not hold us.
        ProcessResult result = await Subprocess.RunAsync(
            new ProcessSpec("sh", "-c", "setsid sleep 60 & seq 20000; echo $! >&2"));
        Assert.Equal(string.Concat(Enumerable.Range(1, 20000).Select(i => $"{i}\n")), result.Output);
        await Subprocess.RunAsync(new ProcessSpec("kill", result.Error.Trim()));
    });

    [Fact]
    public void Input_is_fed_and_need_not_be_read() => EventLoop.Run(async () =>
    {
        byte[] input = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, 100_000).Select(i => $"{i}\n")));
        Assert.Equal("100000\n", (await Subprocess.RunAsync(new ProcessSpec("tail", "-n1"), input)).Output);
        Assert.Equal("1\n", (await Subprocess.RunAsync(new ProcessSpec("head", "-n1"), input)).Output);
    });

    [Fact]
    public void A_failure_names_the_command_its_end_and_the_last_line_of_its_errors() => EventLoop.Run(async () =>
    {
        ProcessResult result = await Subprocess.RunAsync(new ProcessSpec("sh", "-c", "echo hint >&2; echo 'fatal: no such thing' >&2; exit 3"));
        var e = Assert.Throws<ProcessFailedException>(result.ThrowIfFailed);
        Assert.Equal("sh -c 'echo hint >&2; echo 'fatal: no such thing' >&2; exit 3' exited with code 3: fatal: no such thing", e.Message);
        Assert.Same(result, e.Result);
        ProcessResult good = await Subprocess.RunAsync(new ProcessSpec("true"));
        Assert.Same(good, good.ThrowIfFailed());
    });

    private static async Task<List<string>> LinesAsync(ProcessSpec spec) => await Subprocess.RunAsync(spec, async process =>
    {
        var lines = new List<string>();
        await foreach (string line in process.Output.ReadLinesAsync())
        {
            lines.Add(line);
        }

        return lines;
    });

    /// <summary>Whether a child of the process called <paramref name="name"/> sleeps, as in a write to a full pipe.</summary>
    private static bool SleepsIn(int parent, string name) => Directory.GetDirectories("/proc")
        .Where(folder => int.TryParse(Path.GetFileName(folder), out _))
        .Select(folder => Proc.StatOrNull(int.Parse(Path.GetFileName(folder))))
        .Any(stat => stat?.Contains($"({name}) S {parent} ", StringComparison.Ordinal) == true);

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(2));
        }
    }
}
