using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Server.Api;

/// <summary>Answers a request with what an agent posts: as fast as the slower of them, and nothing of it is kept here.</summary>
internal static class AgentAnswer
{
    /// <summary>Sends all of it, then ends the op.</summary>
    /// <param name="http">The request.</param>
    /// <param name="loop">The supervision loop.</param>
    /// <param name="op">What the agent was asked.</param>
    /// <param name="describe">Called before the answer begins: sets its headers.</param>
    internal static async Task SendAsync(HttpContext http, EventLoop loop, PendingOp op, Action<AgentStream> describe)
    {
        try
        {
            AgentStream stream = await op.Stream.WaitAsync(http.RequestAborted);
            describe(stream);
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            if (HttpMethods.IsHead(http.Request.Method))
            {
                return;
            }

            await http.Response.Body.FlushAsync(http.RequestAborted); // The headers at once: a silent job may write nothing for hours.
            await stream.Body.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        finally
        {
            await loop.InvokeAsync(() => JobFiles.End(op), "end an op");
        }
    }
}
