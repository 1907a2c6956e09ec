using System.Net;
using System.Net.Sockets;

namespace Drover.Samples.Tests;

public sealed class RollCallTests
{
    public static TheoryData<int, int, int> Orders => new()
    {
        { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Orders))]
    public async Task On_three_loops_in_any_order_requests_are_held_until_each_server_knows_who_it_is(int first, int second, int third)
    {
        using Socket listener1 = RollCall.Bind(port: 0);
        using Socket listener2 = RollCall.Bind(port: 0);
        using Socket listener3 = RollCall.Bind(port: 0);
        Socket[] listeners = [listener1, listener2, listener3];
        IPEndPoint[] entries = [.. listeners.Select(RollCall.EndPoint)];
        await using EventLoop one = EventLoop.Start("one");
        await using EventLoop two = EventLoop.Start("two");
        await using EventLoop three = EventLoop.Start("three");
        await using EventLoop client = EventLoop.Start("client");
        var output = new OutputLog();

        Task[] servers = [Serve(one, first), Serve(two, second)];
        Task<string>[] answers = [Ask(first), Ask(second), Ask(third)];
        await output.WaitForAsync($"server at {entries[first]}: holds");
        await output.WaitForAsync($"server at {entries[second]}: holds");
        Assert.DoesNotContain(answers, answer => answer.IsCompleted);
        servers = [.. servers, Serve(three, third)];

        Assert.Equal(
            [$"hello from server {first + 1} of 3", $"hello from server {second + 1} of 3", $"hello from server {third + 1} of 3"],
            await Task.WhenAll(answers));
        Assert.DoesNotContain(servers, server => server.IsCompleted);

        Task Serve(EventLoop loop, int entry) => loop.InvokeAsync(() => new RollCallServer(entries, listeners[entry], output).RunAsync());

        Task<string> Ask(int entry) => client.InvokeAsync(() => RollCall.AskAsync(entries[entry], "hello"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(0, 1, 2)]
    [InlineData(2, 1, 0)]
    public async Task As_three_processes_that_share_a_file_they_do_the_same(int first, int second, int third)
    {
        // Bound but not listening, these keep the ports from anyone who does not ask for exactly them.
        using Socket one = RollCall.Bind(port: 0);
        using Socket two = RollCall.Bind(port: 0);
        using Socket three = RollCall.Bind(port: 0);
        IPEndPoint[] entries = [RollCall.EndPoint(one), RollCall.EndPoint(two), RollCall.EndPoint(three)];
        string file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, entries.Select(entry => entry.ToString()));
        await using EventLoop client = EventLoop.Start("client");

        await using SampleProcess earliest = Serve(first);
        Task<string> held = Ask(first);
        await earliest.Output.WaitForAsync("holds 'hello'");
        await using SampleProcess middle = Serve(second);
        Task<string> heldToo = Ask(second);
        await middle.Output.WaitForAsync("holds 'hello'");
        Assert.False(held.IsCompleted || heldToo.IsCompleted);
        await using SampleProcess latest = Serve(third);

        Assert.Equal($"hello from server {first + 1} of 3", await held);
        Assert.Equal($"hello from server {second + 1} of 3", await heldToo);
        Assert.Equal($"hello from server {third + 1} of 3", await Ask(third));
        File.Delete(file);

        SampleProcess Serve(int entry) => SampleProcess.Start("roll-call", file, $"{entries[entry].Port}");

        Task<string> Ask(int entry) => client.InvokeAsync(() => RollCall.AskAsync(entries[entry], "hello"));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_that_is_twice_on_the_list_refuses_to_serve()
    {
        using Socket listener = RollCall.Bind(port: 0);
        IPEndPoint[] entries = [RollCall.EndPoint(listener), RollCall.EndPoint(listener)];
        await using EventLoop loop = EventLoop.Start("server");

        TaskGroupException error = await Assert.ThrowsAsync<TaskGroupException>(
            () => loop.InvokeAsync(() => new RollCallServer(entries, listener, TextWriter.Null).RunAsync()));

        Assert.Contains("not exactly once on the list", Assert.Single(error.InnerExceptions).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_answers_a_client_that_came_before_the_last_server()
    {
        var output = new OutputLog();

        EventLoop.Run(() => RollCall.RunAsync(output));

        Assert.Contains("the client hears 'good morning from server 1 of 3'", output.Lines);
    }
}
