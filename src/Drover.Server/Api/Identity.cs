using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Api;

/// <summary>A token that was shown and is good, until it ends: then whatever it has opened is broken off.</summary>
internal sealed class Identity(TokenRow token, Caller caller) : IDisposable
{
    /// <summary>No timer goes on for longer; one that ends later is looked at again by the next request.</summary>
    private static readonly TimeSpan s_longestTimer = TimeSpan.FromDays(45);

    private static readonly object s_watch = new();
    private readonly CancellationTokenSource _end = new();
    private ITimer? _timer;

    internal TokenRow Token => token;

    internal Caller Caller => caller;

    internal bool HasExpired(TimeProvider time) => token.ExpiresAt is { } end && end <= time.GetUtcNow();

    /// <summary>From now on the request is broken off when the token ends before it.</summary>
    internal void Watch(HttpContext http, TimeProvider time)
    {
        if (token.ExpiresAt is { } end && _timer is null && end - time.GetUtcNow() is var left && left < s_longestTimer)
        {
            ITimer timer = time.CreateTimer(static identity => ((Identity)identity!).Dispose(), this, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            if (Interlocked.CompareExchange(ref _timer, timer, null) is not null)
            {
                timer.Dispose(); // Another request was faster.
            }
        }

        CancellationTokenRegistration watch = _end.Token.UnsafeRegister(static request => ((HttpContext)request!).Abort(), http);
        http.Items[s_watch] = watch;
        http.Response.RegisterForDispose(watch);
    }

    /// <summary>The request goes on to its end whatever becomes of its token.</summary>
    internal static void Unwatch(HttpContext http)
    {
        if (http.Items[s_watch] is CancellationTokenRegistration watch)
        {
            watch.Dispose();
        }
    }

    /// <summary>Breaks off what it has opened.</summary>
    public void Dispose()
    {
        _end.Cancel(); // It has no timer and no handle, and may still be registered with: that is all there is to do.
        _timer?.Dispose();
    }
}
