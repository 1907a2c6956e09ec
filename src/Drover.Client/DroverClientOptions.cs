namespace Drover.Client;

/// <summary>Which server, as whom, and with how much patience.</summary>
public sealed record DroverClientOptions
{
    /// <summary>The server's address, such as <c>http://127.0.0.1:8700</c>.</summary>
    public required Uri Server { get; init; }

    /// <summary>The token of the user who asks. Never logged or shown.</summary>
    public required string Token { get; init; }

    /// <summary>
    /// How long a request that may safely be repeated is tried again while the server cannot be reached. Default: 10 s,
    /// enough for a server that is restarted. Zero: not at all.
    /// </summary>
    public TimeSpan RetryFor { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The same for waiting and following (<see cref="JobHandle.WaitAsync"/>, <see cref="JobHandle.CopyLogAsync"/> with
    /// follow): counted from each loss of the connection. Default: for ever.
    /// </summary>
    public TimeSpan ReconnectFor { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>How long an answer may take to begin. Default: 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Called before each repetition, with what went wrong; and with null when the server has answered again.</summary>
    public Action<DroverException?>? OnRetry { get; init; }

    /// <summary>
    /// Asked before each repetition for where the server is now, because a local server may have another port after each
    /// start; null when that is not known. Default: it stays where it was.
    /// </summary>
    public Func<Uri?>? FindServer { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Sends the requests. Default: a handler of the client's own, without a proxy for this machine.</summary>
    public HttpMessageHandler? Handler { get; init; }

    /// <summary>The server, without the token.</summary>
    public override string ToString() => Server.ToString();
}
