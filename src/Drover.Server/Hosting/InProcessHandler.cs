using System.Diagnostics;

namespace Drover.Server.Hosting;

/// <summary>Brings requests to the server without a network; bodies are streamed both ways, as fast as the slower side.</summary>
internal sealed class InProcessHandler(DroverHost host, DroverUser user) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Activity.Current is { } activity)
        {
            DistributedContextPropagator.Current.Inject(
                activity, request, static (message, name, value) => ((HttpRequestMessage)message!).Headers.TryAddWithoutValidation(name, value));
        }

        var exchange = new InProcessExchange(request, new InProcessCaller(user), cancellationToken);
        // The server's work is not the caller's: it has its own context. What becomes of it is in the answer.
        ThreadPool.UnsafeQueueUserWorkItem(_ => _ = exchange.RunAsync(host.AnswerAsync), state: (object?)null);
        return exchange.Response;
    }
}
