namespace Drover.Client.Tests;

/// <summary>A client of a fake server, for one test.</summary>
public abstract class ClientTest : IAsyncLifetime
{
    protected FakeServer Server { get; private set; } = null!;

    protected DroverClient Client { get; private set; } = null!;

    protected JobHandle Job => Client.Job(new JobId(1));

    public async ValueTask InitializeAsync()
    {
        Server = await FakeServer.StartAsync();
        Client = NewClient();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected DroverClient NewClient(Func<DroverClientOptions, DroverClientOptions>? change = null)
    {
        var options = new DroverClientOptions { Server = Server.Url, Token = FakeServer.Token };
        return new DroverClient(change?.Invoke(options) ?? options);
    }
}
