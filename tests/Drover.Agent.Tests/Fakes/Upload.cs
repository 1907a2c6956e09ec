using Microsoft.AspNetCore.Http;

namespace Drover.Agent.Tests.Fakes;

/// <summary>A stream that an agent posts.</summary>
internal sealed class Upload(HttpContext context)
{
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Taken while the request is there: the agent, or the end of the server, may end it at any moment.</summary>
    private readonly Stream _body = context.Request.Body;

    internal Task Answered => _answered.Task;

    internal string? Authorization { get; } = context.Request.Headers.Authorization;

    internal string? Connection { get; } = context.Request.Headers[AgentProtocol.ConnectionHeader];

    internal string? ContentType { get; } = context.Request.ContentType;

    /// <summary>Reads exactly so many bytes.</summary>
    internal async Task<byte[]> ReadAsync(int count)
    {
        byte[] bytes = new byte[count];
        await _body.ReadExactlyAsync(bytes).AsTask().Within();
        return bytes;
    }

    /// <summary>Reads to the end, and says that all is well.</summary>
    internal async Task<byte[]> ReadToEndAsync()
    {
        using var all = new MemoryStream();
        await _body.CopyToAsync(all).Within();
        _answered.TrySetResult();
        return all.ToArray();
    }

    /// <summary>Ends the request as if the network were gone.</summary>
    internal void Abort()
    {
        context.Abort();
        _answered.TrySetResult();
    }
}
