using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Api;

/// <summary>A token that was shown and is good, until it ends: then whatever it has opened is broken off.</summary>
internal sealed class Identity(TokenRow token, Caller caller) : IDisposable
{
    /// <summary>No timer goes on for longer: then it is looked at again.</summary>
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
        if (token.ExpiresAt is not null && _timer is null)
        {
            ITimer timer = time.CreateTimer(_ => Look(time), null, Left(time), Timeout.InfiniteTimeSpan);
            if (Interlocked.CompareExchange(ref _timer, timer, null) is not null)
            {
                timer.Dispose(); // Another request was faster.
            }
        }

        CancellationTokenRegistration watch = _end.Token.UnsafeRegister(static request => ((HttpContext)request!).Abort(), http);
        http.Items[s_watch] = watch;
        http.Response.RegisterForDispose(watch);
    }

    private TimeSpan Left(TimeProvider time)
    {
        TimeSpan left = token.ExpiresAt!.Value - time.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < s_longestTimer ? left : s_longestTimer;
    }

    private void Look(TimeProvider time)
    {
        if (HasExpired(time))
        {
            Dispose();
        }
        else
        {
            _timer?.Change(Left(time), Timeout.InfiniteTimeSpan);
        }
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
