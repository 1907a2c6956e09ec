using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Client.Http;

/// <summary>Sends requests, repeats those that may be repeated, and makes errors of what is no success.</summary>
internal sealed class ApiConnection : IDisposable
{
    private readonly HttpClient _http;
    private readonly AuthenticationHeaderValue _authorization;
    private volatile Uri _server;

    public ApiConnection(DroverClientOptions options)
    {
        Options = options;
        _server = options.Server;
        _authorization = new AuthenticationHeaderValue("Bearer", options.Token);
        _http = new HttpClient(options.Handler ?? Handlers.Create(options.Server), disposeHandler: options.Handler is null)
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public DroverClientOptions Options { get; }

    /// <summary>Where the server was last known to be.</summary>
    public Uri Server => _server;

    public Backoff NewBackoff(bool isPatient) => new(Options.Time, isPatient ? Options.ReconnectFor : Options.RetryFor);

    /// <summary>Sends it and reads the answer.</summary>
    public async Task<T> SendAsync<T>(ApiRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] bytes = await SendForBytesAsync(request, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw NotDrover(inner: null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException) // The latter: an ending of no kind.
        {
            throw NotDrover(e);
        }
    }

    /// <summary>Sends it and returns the body of the answer.</summary>
    public async Task<byte[]> SendForBytesAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        Backoff backoff = NewBackoff(request.IsPatient);
        while (true)
        {
            using HttpResponseMessage response = await SendAsync(request, backoff, cancellationToken);
            try
            {
                return await response.Content.ReadAsByteArrayAsync(cancellationToken);
            }
            catch (Exception e) when (IsBroken(e))
            {
                await PauseOrThrowAsync(request, Broken(e, maySent: true), backoff, cancellationToken);
            }
        }
    }

    /// <summary>Sends it until there is an answer; the caller reads and disposes it.</summary>
    /// <exception cref="DroverException">It failed, or the server refused.</exception>
    public async Task<HttpResponseMessage> SendAsync(ApiRequest request, Backoff backoff, CancellationToken cancellationToken)
    {
        while (true)
        {
            DroverException error;
            try
            {
                HttpResponseMessage response = await SendOnceAsync(request, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    if (backoff.IsTrying)
                    {
                        Options.OnRetry?.Invoke(null);
                    }

                    return response;
                }

                using (response)
                {
                    error = await Refusals.ReadAsync(response, _server, cancellationToken);
                }
            }
            catch (Exception e) when (IsBroken(e))
            {
                error = Broken(e, maySent: !NeverSent(e));
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                string waited = Quantities.Duration(Options.Timeout + request.Wait);
                error = new ServerUnreachableException(
                    _server, $"The server {_server} has not answered for {waited}.", maySent: true, e);
            }

            await PauseOrThrowAsync(request, error, backoff, cancellationToken);
        }
    }

    /// <summary>
    /// Whether this is how HttpClient says that the connection could not be made or broke. A socket's own error comes
    /// bare when the connection is reset between its making and its first use.
    /// </summary>
    public static bool IsBroken(Exception e) => e is HttpRequestException or IOException or SocketException;

    public ServerUnreachableException Broken(Exception e, bool maySent)
    {
        string why = e.GetBaseException().Message.TrimEnd('.');
        return new ServerUnreachableException(
            _server,
            maySent
                ? $"The connection to the server {_server} broke: {why}."
                : $"The server {_server} cannot be reached: {why}.",
            maySent,
            e);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, $"{_server.AbsoluteUri.TrimEnd('/')}/{request.Path}");
        message.Headers.Authorization = _authorization;
        if (request.Json is { } json)
        {
            message.Content = new ByteArrayContent(json);
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        else if (request.Body is { } body)
        {
            message.Content = body();
        }

        foreach ((string name, string value) in request.Headers)
        {
            message.Headers.Add(name, value);
        }

        if (request.RangeFrom is { } from)
        {
            message.Headers.Range = new RangeHeaderValue(from, null);
        }

        TimeSpan patience = request.Wait == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : Options.Timeout + request.Wait;
        using var timeout = new CancellationTokenSource(patience, Options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        return await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
    }

    private async Task PauseOrThrowAsync(
        ApiRequest request, DroverException error, Backoff backoff, CancellationToken cancellationToken)
    {
        bool mayRepeat = error switch
        {
            ServerUnreachableException e => request.IsRepeatable || !e.MayHaveBeenSent,
            RequestRefusedException { Code: "stopping" } => true, // It did nothing, and its successor may come.
            RequestRefusedException { Code: null, Status: 502 or 503 or 504 } => request.IsRepeatable,
            _ => false,
        };
        if (!mayRepeat)
        {
            throw error;
        }

        Options.OnRetry?.Invoke(error);
        if (!await backoff.TryPauseAsync(cancellationToken))
        {
            throw error;
        }

        _server = Options.FindServer?.Invoke() ?? _server;
    }

    /// <summary>Whether the connection was never made, so that the server cannot have seen the request.</summary>
    private static bool NeverSent(Exception e) => e is SocketException or HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    };

    /// <summary>What to say of an answer that is not the protocol's.</summary>
    public UnexpectedAnswerException NotDrover(Exception? inner) => new(
        $"What {_server} answered is not what a Drover server of this version says: check the address, and that client and "
        + "server have the same version.",
        inner);
}
