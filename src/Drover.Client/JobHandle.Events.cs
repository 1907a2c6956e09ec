using System.Runtime.CompilerServices;
using Drover.Client.Http;

namespace Drover.Client;

/// <content>What happens to the job.</content>
public sealed partial record JobHandle
{
    /// <summary>
    /// What happened to the job and what happens from now on, oldest first, until its end. Over broken connections and
    /// restarts of the server, which it tries to reach again for <see cref="DroverClientOptions.ReconnectFor"/>: none is
    /// missing or doubled.
    /// </summary>
    /// <param name="after">The <see cref="JobEvent.Sequence"/> of the last event that is known; 0 for all of them.</param>
    /// <param name="progress">Told how far the job says it is, while the events are read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<EventOfJob> EventsAsync(
        long after = 0, IProgress<ProgressOfJob>? progress = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await GetAsync(cancellationToken); // Tells a job that is not there.
        await foreach (EventOfJob happened in new EventStream(Connection, $"{Path}/events", after, progress).ReadAsync(untilEnd: true, cancellationToken))
        {
            yield return happened;
        }
    }
}
