using Drover.Client.Http;

namespace Drover.Client;

/// <content>What happens to jobs.</content>
public sealed partial class DroverClient
{
    /// <summary>
    /// What happens to all jobs of the user, oldest first, without end: leave the loop, or cancel. Over broken connections
    /// and restarts of the server, which it tries to reach again for <see cref="DroverClientOptions.ReconnectFor"/>: none
    /// is missing or doubled.
    /// </summary>
    /// <param name="after">The <see cref="JobEvent.Sequence"/> of the last event that is known; 0 for all that ever happened; null for what comes from now on.</param>
    /// <param name="progress">Told how far jobs say they are, while the events are read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public IAsyncEnumerable<EventOfJob> EventsAsync(
        long? after = null, IProgress<ProgressOfJob>? progress = null, CancellationToken cancellationToken = default) =>
        new EventStream(Connection, "api/v1/events", after, progress).ReadAsync(untilEnd: false, cancellationToken);
}
