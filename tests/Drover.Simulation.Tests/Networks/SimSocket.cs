using System.Diagnostics.CodeAnalysis;
using Drover.Agent.Connections;
using Drover.Agent.Ops;

namespace Drover.Simulation.Tests.Networks;

/// <summary>The agent's end of a connection.</summary>
internal sealed class SimSocket(World world, Link link) : IServerSocket
{
    private readonly Queue<ServerMessage[]> _received = new();
    private readonly Event _hasNews = new("messages");
    private readonly Event _over = new("end");

    public string Server => "the simulated server";

    public TimeSpan Silence => link.Silence;

    public string? WhyOver { get; private set; }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message)
    {
        if (WhyOver is not null)
        {
            throw new IOException(WhyOver);
        }

        await Coroutine.YieldAsync();
        link.Send(message.ToArray());
    }

    public async Task ReceiveAsync() => await _over.WaitAsync("the end of the connection");

    public async ValueTask<bool> WaitForMessagesAsync()
    {
        while (_received.Count == 0 && WhyOver is null)
        {
            _hasNews.Reset();
            await _hasNews.WaitAsync("messages of the server");
        }

        return _received.Count > 0;
    }

    public bool TryTake([MaybeNullWhen(false)] out ServerMessage[] messages) => _received.TryDequeue(out messages);

    public IStreamPost PostFor(string connection) => new SimPost(world, link);

    public Task CloseAsync(string why)
    {
        link.LeaveAgent(why);
        return Task.CompletedTask;
    }

    public void Fail(string why)
    {
        link.LeaveAgent(why);
        Over(why);
    }

    public void Dispose() => Fail("disposed");

    internal void Receive(ServerMessage[] messages)
    {
        _received.Enqueue(messages);
        _hasNews.Set();
    }

    internal void Over(string why)
    {
        WhyOver ??= why;
        _hasNews.Set();
        _over.Set();
    }
}
