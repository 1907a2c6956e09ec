using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Drover.Server.Hosting;

/// <summary>
/// One request and its answer within the process. The answer is there with its headers as soon as the server has begun
/// it; its body goes through a pipe, and whoever disposes of it before its end ends the request.
/// </summary>
internal sealed class InProcessExchange : IHttpResponseFeature, IHttpRequestLifetimeFeature
{
    private readonly HttpRequestMessage _request;
    private readonly TaskCompletionSource<HttpResponseMessage> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _aborted;
    private readonly Pipe _answer = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _onStarting = new();
    private readonly Stack<(Func<object, Task> Callback, object State)> _onCompleted = new();
    private readonly DefaultHttpContext _http = new();

    /// <summary>Prepares the request; nothing is begun.</summary>
    internal InProcessExchange(HttpRequestMessage request, InProcessCaller caller, CancellationToken cancellationToken)
    {
        _request = request;
        _aborted = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        cancellationToken.Register(() => _response.TrySetCanceled(cancellationToken));
        Body = new InProcessBody(_answer.Writer.AsStream(), BeginAsync);
        _http.Features.Set<IHttpResponseFeature>(this);
        _http.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Body));
        _http.Features.Set<IHttpRequestLifetimeFeature>(this);
        _http.Features.Set(caller);
        Uri url = request.RequestUri!;
        HttpRequest to = _http.Request;
        to.Protocol = "HTTP/1.1";
        (to.Method, to.Scheme, to.Host) = (request.Method.Method, url.Scheme, HostString.FromUriComponent(url));
        (to.Path, to.QueryString) = (PathString.FromUriComponent(url), QueryString.FromUriComponent(url));
        foreach ((string name, IEnumerable<string> values) in request.Headers.Concat((HttpHeaders?)request.Content?.Headers ?? request.Headers))
        {
            to.Headers[name] = new StringValues([.. values]);
        }

        to.Headers.ContentLength = request.Content?.Headers.ContentLength;
    }

    /// <summary>The answer, once it has begun.</summary>
    internal Task<HttpResponseMessage> Response => _response.Task;

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public Stream Body { get; set; }

    public bool HasStarted { get; private set; }

    public CancellationToken RequestAborted
    {
        get => _aborted.Token;
        set => throw new NotSupportedException();
    }

    public void OnStarting(Func<object, Task> callback, object state) => _onStarting.Push((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state) => _onCompleted.Push((callback, state));

    /// <summary>Ends it before its end: the reader of the answer gets an error.</summary>
    public void Abort()
    {
        _aborted.Cancel();
        var broken = new IOException("The server broke off its answer.");
        _response.TrySetException(new HttpRequestException(broken.Message, broken));
        _answer.Writer.Complete(broken);
    }

    /// <summary>Has the request answered. Never throws; what goes wrong is in the answer.</summary>
    internal async Task RunAsync(RequestDelegate answer)
    {
        Task sending = Task.CompletedTask;
        try
        {
            var body = new Pipe();
            _http.Request.Body = body.Reader.AsStream();
            sending = SendBodyAsync(body.Writer);
            await answer(_http);
            await BeginAsync();
            await _answer.Writer.CompleteAsync();
            await body.Reader.CompleteAsync(); // What was not read is not wanted.
        }
        catch (Exception e) // At the boundary of a request, as a web server does: the client gets it.
        {
            _response.TrySetException(new HttpRequestException("The server failed at this request.", e));
            await _answer.Writer.CompleteAsync(e);
        }

        await sending;
        while (_onCompleted.TryPop(out (Func<object, Task> Callback, object State) last))
        {
            await last.Callback(last.State);
        }
    }

    private async Task SendBodyAsync(PipeWriter to)
    {
        try
        {
            if (_request.Content is { } content)
            {
                await content.CopyToAsync(to.AsStream(), _aborted.Token);
            }

            await to.CompleteAsync();
        }
        catch (Exception e) // The client's content fails as it likes; the server sees half a body, as over a network.
        {
            await to.CompleteAsync(new IOException("The client broke off its request.", e));
        }
    }

    /// <summary>From the first byte on the headers do not change: the client gets them.</summary>
    private async Task BeginAsync()
    {
        if (HasStarted)
        {
            return;
        }

        while (_onStarting.TryPop(out (Func<object, Task> Callback, object State) last))
        {
            await last.Callback(last.State);
        }

        HasStarted = true;
        var response = new HttpResponseMessage((HttpStatusCode)StatusCode)
        {
            RequestMessage = _request,
            Content = new StreamContent(new InProcessAnswer(_answer.Reader.AsStream(), _aborted)),
        };
        foreach ((string name, StringValues values) in Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!))
            {
                response.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
            }
        }

        if (!_response.TrySetResult(response))
        {
            response.Dispose();
        }
    }
}
