using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Drover.Coroutines.Tests.Loop;

/// <summary>Awaiting anything comes back to the same coroutine, in the same scope, on the loop's thread.</summary>
public sealed class ComingBackTests
{
    /// <summary>What is awaited, by name.</summary>
    public static TheoryData<string> Awaited => new(s_awaited.Keys);

    private static readonly Dictionary<string, Func<Task>> s_awaited = new()
    {
        ["a task of the thread pool"] = () => Task.Run(static () => Thread.Yield()),
        ["Task.Yield"] = async () => await Task.Yield(),
        ["Task.Delay"] = () => Task.Delay(Milliseconds(1), EventLoop.Current.Time),
        ["Task.Delay of the machine"] = () => Task.Delay(1),
        ["Task.WhenAll"] = () => Task.WhenAll(Task.Delay(1), Task.Run(static () => { }), Coroutine.SleepAsync(Milliseconds(1)).AsTask()),
        ["Task.WhenAny"] = () => Task.WhenAny(Task.Delay(1), new TaskCompletionSource().Task),
        ["Task.WaitAsync"] = () => Task.Run(static () => { }).WaitAsync(Seconds(10), EventLoop.Current.Time),
        ["PeriodicTimer"] = async () =>
        {
            using var timer = new PeriodicTimer(Milliseconds(1), EventLoop.Current.Time);
            Assert.True(await timer.WaitForNextTickAsync());
            Assert.True(await timer.WaitForNextTickAsync());
        },
        ["a socket"] = SocketAsync,
        ["a file"] = FileAsync,
        ["a channel of the framework"] = ChannelAsync,
        ["SemaphoreSlim"] = async () =>
        {
            using var semaphore = new SemaphoreSlim(0);
            _ = Task.Run(() => semaphore.Release());
            await semaphore.WaitAsync();
        },
        ["an async enumerable"] = async () =>
        {
            int sum = 0;
            await foreach (int i in NumbersAsync())
            {
                sum += i;
            }

            Assert.Equal(6, sum);
        },
        ["a foreign task"] = () => LibraryAsync(),
        ["a foreign value task"] = async () => await LibraryValueAsync(),
        ["a foreign task that fails"] = async () => await Assert.ThrowsAsync<InvalidDataException>(FailingLibraryAsync),
        ["a task completed by a thread"] = async () =>
        {
            var source = new TaskCompletionSource();
            _ = Task.Run(source.SetResult);
            await source.Task;
        },
        ["a canceled socket"] = async () =>
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            Outcome<TcpClient> outcome = await CancelScope.MoveOnAfterAsync(
                Milliseconds(5), async () => await listener.AcceptTcpClientAsync(CancelScope.Current.Token));
            Assert.IsType<CancelReason.Deadline>(outcome.Reason);
        },
        ["ForceYielding"] = async () => await Task.CompletedTask.ConfigureAwait(
            ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.ContinueOnCapturedContext),
    };

    [Theory]
    [MemberData(nameof(Awaited))]
    public void Awaiting_it_comes_back_to_the_same_coroutine_and_scope_on_the_loops_thread(string what) => Loops.RunInRealTime(async () =>
    {
        int thread = Environment.CurrentManagedThreadId;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 3; i++)
            {
                group.Start(async () =>
                {
                    Coroutine coroutine = Coroutine.Current;
                    await CancelScope.MoveOnAfterAsync(Seconds(20), async () =>
                    {
                        CancelScope scope = CancelScope.Current;
                        Assert.NotSame(coroutine, scope);
                        await s_awaited[what]();
                        Assert.Same(scope, CancelScope.Current);
                        Assert.Same(coroutine, Coroutine.Current);
                        Assert.Equal(thread, Environment.CurrentManagedThreadId);
                    });
                    Assert.Same(coroutine, CancelScope.Current);
                });
            }

            return Task.CompletedTask;
        });
    });

    [Fact]
    public void What_another_coroutine_completes_goes_on_in_a_turn_of_its_own() => Loops.Run(async () =>
    {
        var source = new TaskCompletionSource();
        var order = new List<string>();
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                Coroutine me = Coroutine.Current;
                await source.Task;
                order.Add("waiter");
                Assert.Same(me, Coroutine.Current);
            });
            group.Start(() =>
            {
                source.SetResult();
                order.Add("setter");
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
        Assert.Equal(["setter", "waiter"], order);
    });

    [Fact]
    public void A_coroutine_whose_body_ends_on_another_thread_ends() => Loops.RunInRealTime(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> child = group.Start(async () =>
            {
                await Task.Run(static () => { }).ConfigureAwait(false);
                return 5;
            });
            Assert.Equal(5, await child.JoinAsync());
        });
    });

    [Fact]
    public void A_coroutine_whose_body_ends_on_another_thread_ends_though_a_wait_of_it_is_open() => Loops.RunInRealTime(async () =>
    {
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine<int> child = group.Start(async () =>
            {
                _ = Coroutine.SleepAsync(Hours(1)).AsTask();
                await Task.Run(static () => { }).ConfigureAwait(false);
                return 5;
            });
            Assert.Equal(5, await child.JoinAsync());
        });
    });

    [Fact]
    public void A_wait_awaited_in_an_inner_scope_comes_back_there() => Loops.Run(async () =>
    {
        ValueTask begunOutside = Coroutine.SleepAsync(Seconds(1));
        await CancelScope.RunAsync(async scope =>
        {
            await begunOutside;
            Assert.Same(scope, CancelScope.Current);
        });
    });

    [Fact]
    public void A_wait_handed_to_a_child_comes_back_to_the_child() => Loops.Run(async () =>
    {
        ValueTask begunByParent = Coroutine.SleepAsync(Seconds(1));
        await TaskGroup.RunAsync(group =>
        {
            group.Start(async () =>
            {
                Coroutine me = Coroutine.Current;
                await begunByParent;
                Assert.Same(me, Coroutine.Current);
            });
            return Task.CompletedTask;
        });
    });

    private static async Task SocketAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        Task<TcpClient> accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using TcpClient server = await accepting;
        byte[] buffer = new byte[5];
        ValueTask receiving = server.GetStream().ReadExactlyAsync(buffer);
        await client.GetStream().WriteAsync("hello"u8.ToArray());
        await receiving;
        Assert.Equal("hello"u8.ToArray(), buffer);
    }

    private static async Task FileAsync()
    {
        string path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "hello");
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096, FileOptions.Asynchronous);
            using var reader = new StreamReader(file);
            Assert.Equal("hello", await reader.ReadToEndAsync());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static async Task ChannelAsync()
    {
        var channel = System.Threading.Channels.Channel.CreateBounded<int>(1);
        _ = Task.Run(async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                await channel.Writer.WriteAsync(i);
            }

            channel.Writer.Complete();
        });
        int expected = 0;
        await foreach (int i in channel.Reader.ReadAllAsync())
        {
            Assert.Equal(expected++, i);
        }

        Assert.Equal(10, expected);
    }

    private static async IAsyncEnumerable<int> NumbersAsync([EnumeratorCancellation] CancellationToken token = default)
    {
        for (int i = 1; i <= 3; i++)
        {
            await Task.Delay(1, token).ConfigureAwait(false);
            yield return i;
        }
    }

    private static async Task LibraryAsync()
    {
        await Task.Run(static () => { }).ConfigureAwait(false);
        await Task.Delay(1).ConfigureAwait(false);
        Assert.Null(SynchronizationContext.Current);
    }

    private static async ValueTask<int> LibraryValueAsync()
    {
        await Task.Delay(1).ConfigureAwait(false);
        return 1;
    }

    private static async Task FailingLibraryAsync()
    {
        await LibraryAsync().ConfigureAwait(false);
        throw new InvalidDataException("bad");
    }
}
