using System.Globalization;

namespace Drover.Client.Http;

/// <summary>One copy of a log, over as many connections as it takes.</summary>
internal sealed class LogCopy(JobHandle job, OutputKind kind, Stream destination)
{
    /// <summary>The answer's header with the place in the log where it begins; needed to go on after a negative offset.</summary>
    internal const string OffsetHeader = "Drover-Log-Offset";

    private readonly ApiConnection _connection = job.Client.Connection;
    private long _position;
    private bool _isPositionKnown;

    public async Task<long> RunAsync(long offset, bool follow, CancellationToken cancellationToken)
    {
        _position = offset;
        _isPositionKnown = offset >= 0;
        bool hasEnded = follow && (await UntilStartedAsync(cancellationToken)).End is not null;
        Backoff backoff = _connection.NewBackoff(follow && !hasEnded);
        while (true)
        {
            DroverException? error = await TryCopyAsync(follow, backoff, cancellationToken);
            if (error is null)
            {
                backoff.Succeeded();

                // A server that stops ends the answer too. Only what was asked for after the end is all of it.
                if (!follow || hasEnded)
                {
                    return _isPositionKnown ? _position : -1;
                }
            }
            else if (!_isPositionKnown)
            {
                throw error; // Nothing came yet that tells where the end was.
            }

            if (follow && !hasEnded)
            {
                hasEnded = (await job.GetPatientlyAsync(cancellationToken)).End is not null;
                backoff = hasEnded ? _connection.NewBackoff(isPatient: false) : backoff;
            }

            if (error is not null || !hasEnded)
            {
                if (error is not null)
                {
                    _connection.Options.OnRetry?.Invoke(error);
                }

                if (!await backoff.TryPauseAsync(cancellationToken))
                {
                    throw error ?? new UnexpectedAnswerException(
                        $"The server ends the log of {job} again and again although the job runs.", inner: null);
                }
            }
        }
    }

    /// <summary>Waits until there can be a log.</summary>
    private async Task<JobInfo> UntilStartedAsync(CancellationToken cancellationToken)
    {
        JobInfo info = await job.GetPatientlyAsync(cancellationToken);
        while (info.StartedAt is null && info.End is null)
        {
            info = await job.WaitForChangeAsync(info.Revision, TimeSpan.FromSeconds(30), cancellationToken);
        }

        return info;
    }

    /// <summary>Copies what one answer brings. Null when it came to its end; otherwise why it did not and another try may help.</summary>
    private async Task<DroverException?> TryCopyAsync(bool follow, Backoff backoff, CancellationToken cancellationToken)
    {
        string stream = kind == OutputKind.Error ? "stderr" : "stdout";
        ApiRequest request = ApiRequest.Get(string.Create(
            CultureInfo.InvariantCulture,
            $"api/v1/jobs/{job.Id}/log?stream={stream}&offset={_position}&follow={(follow ? "true" : "false")}")) with
        {
            IsPatient = follow,
            Wait = follow ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, // The answer may begin with the job's first byte.
        };
        try
        {
            using HttpResponseMessage response = await _connection.SendAsync(request, backoff, cancellationToken);
            if (response.Headers.TryGetValues(OffsetHeader, out IEnumerable<string>? values)
                && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out long position))
            {
                _position = position;
                _isPositionKnown = true;
            }

            return await Body.CopyAsync(
                _connection,
                response,
                destination,
                read =>
                {
                    backoff.Succeeded();
                    _position += _isPositionKnown ? read : 0;
                },
                cancellationToken);
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            if (follow && (await job.GetPatientlyAsync(cancellationToken)) is { StartedAt: null, End: not null })
            {
                return null; // It was never started: its log is empty.
            }

            throw await job.NotFoundAsync("log", e, cancellationToken);
        }
        catch (RequestRefusedException e) when (follow && e.Code == "agentAway")
        {
            return e;
        }
    }
}
