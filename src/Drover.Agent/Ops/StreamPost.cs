using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Drover.Agent.Connections;

namespace Drover.Agent.Ops;

/// <summary>Posts what ops asked for to the server, each as one request that is written while it is read.</summary>
internal sealed class StreamPost : IStreamPost
{
    private readonly HttpClient _http;
    private readonly Uri _server;

    /// <summary>Makes the client; nothing is sent.</summary>
    /// <param name="server">The server's address.</param>
    /// <param name="token">The agent's token.</param>
    /// <param name="connection">The connection that the ops came over.</param>
    internal StreamPost(Uri server, string token, string connection)
    {
        _server = server;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, // The token is for this server.
            UseProxy = !server.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        })
        { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        _http.DefaultRequestHeaders.Add(AgentProtocol.ConnectionHeader, connection);

        // A server that does not want the op any more says so before anything is written. Without it, nobody would
        // notice its answer as long as a follower has nothing to write.
        _http.DefaultRequestHeaders.ExpectContinue = true;
    }

    public async Task<Refusal?> SendAsync(
        OpId op, string mediaType, IReadOnlyList<(string Header, long Value)> place, Func<Stream, Task> write, long? length = null)
    {
        Refusal? refusal = null;
        using var content = new StreamedContent(mediaType, length);
        await TaskGroup.RunAsync(
            async exchange =>
            {
                exchange.Start(
                    async () =>
                    {
                        refusal = await RequestAsync(op, place, content);
                        if (refusal is not null)
                        {
                            exchange.Cancel(refusal.Why);
                        }
                    },
                    "request");
                Coroutine.Current.Situation = "the server to be ready for the stream";
                Stream body = await content.Body.WaitAsync(CancelScope.Current.Token);
                try
                {
                    await write(body);
                    content.Complete();
                }
                catch (Exception e) when (e is not IOException && NetworkErrors.Include(e)) // A file may throw that as well.
                {
                    refusal ??= new Refusal($"the connection broke: {e.GetBaseException().Message}");
                    exchange.Cancel(refusal.Why);
                }
            },
            "stream");
        return refusal;
    }

    public void Dispose() => _http.Dispose();

    private async Task<Refusal?> RequestAsync(OpId op, IReadOnlyList<(string Header, long Value)> place, StreamedContent content)
    {
        Coroutine.Current.Situation = "the server's answer to the stream";
        try
        {
            Uri address = ServerAddress.Of(_server, AgentProtocol.StreamPath + op.Value.ToString(CultureInfo.InvariantCulture));
            using var request = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = content,
                Version = HttpVersion.Version11,
            };
            foreach ((string header, long value) in place)
            {
                request.Headers.Add(header, value.ToString(CultureInfo.InvariantCulture));
            }

            using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, CancelScope.Current.Token);
            return response.IsSuccessStatusCode
                ? null
                : new Refusal($"the server answered {(int)response.StatusCode}", response.StatusCode == HttpStatusCode.Gone);
        }
        catch (Exception e) when (NetworkErrors.Include(e))
        {
            return new Refusal($"the connection broke: {e.GetBaseException().Message}");
        }
    }
}
