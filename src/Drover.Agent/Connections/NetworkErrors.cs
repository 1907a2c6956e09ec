using System.Net.WebSockets;

namespace Drover.Agent.Connections;

/// <summary>What the framework throws when the other side, or the connection, is gone.</summary>
internal static class NetworkErrors
{
    /// <summary>
    /// Whether <paramref name="e"/> says that a connection is over. When one is aborted while something is written, that may
    /// fail with its disposed parts, its state, or a cancellation that is not ours; a connect that takes too long does so, too.
    /// </summary>
    internal static bool Include(Exception e) =>
        e is WebSocketException or HttpRequestException or IOException or ObjectDisposedException or InvalidOperationException
        || (e is OperationCanceledException && !CancelScope.Current.IsCanceled);
}
