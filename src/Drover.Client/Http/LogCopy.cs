using System.Globalization;

namespace Drover.Client.Http;

/// <summary>One copy of a log, over as many connections as it takes, and when it is followed over all attempts from the one on.</summary>
/// <param name="job">Whose log.</param>
/// <param name="kind">Which of the two.</param>
/// <param name="destination">Where to.</param>
/// <param name="attempt">The only attempt whose log is wanted; null for the last one, and those that follow it.</param>
internal sealed class LogCopy(JobHandle job, OutputKind kind, Stream destination, int? attempt = null)
{
    /// <summary>The answer's header with the place in the log where it begins; needed to go on after a negative offset.</summary>
    internal const string OffsetHeader = "Drover-Log-Offset";

    /// <summary>The answer's header with the number of the attempt that wrote it.</summary>
    private const string AttemptHeader = "Drover-Log-Attempt";

    private readonly ApiConnection _connection = job.Client.Connection;
    private readonly bool _isOneAttempt = attempt is not null;
    private int? _attempt = attempt;
    private long _position;
    private bool _isPositionKnown;

    /// <summary>The first attempt whose log is wanted, beside those that follow it.</summary>
    public int? FirstAttempt
    {
        init => _attempt = value;
    }

    public async Task<long> RunAsync(long offset, bool follow, CancellationToken cancellationToken)
    {
        _position = offset;
        _isPositionKnown = offset >= 0;
        if (!follow)
        {
            return await CopyAttemptAsync(follow: false, hasEnded: false, cancellationToken);
        }

        while (true)
        {
            JobInfo info = await UntilStartedAsync(cancellationToken);
            if (!_isOneAttempt && info.Spec.Retry is not null)
            {
                _attempt ??= info.Attempt; // Each has a log of its own.
            }

            long position = await CopyAttemptAsync(follow: true, HasEnded(info), cancellationToken);
            if (_isOneAttempt || _attempt is null || (await job.GetPatientlyAsync(cancellationToken)).Attempt == _attempt)
            {
                return position;
            }

            (_attempt, _position, _isPositionKnown) = (_attempt + 1, 0, true);
        }
    }

    /// <summary>Whether the attempt that is copied writes nothing more.</summary>
    private bool HasEnded(JobInfo info) => info.End is not null || info.Attempt > (_attempt ?? info.Attempt);

    private async Task<long> CopyAttemptAsync(bool follow, bool hasEnded, CancellationToken cancellationToken)
    {
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
                hasEnded = HasEnded(await job.GetPatientlyAsync(cancellationToken));
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
        while (info.StartedAt is null && !HasEnded(info))
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
            $"api/v1/jobs/{job.Id}/log?stream={stream}&offset={_position}&follow={(follow ? "true" : "false")}")
            + (_attempt is { } number ? string.Create(CultureInfo.InvariantCulture, $"&attempt={number}") : "")) with
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

            if (!follow && response.Headers.TryGetValues(AttemptHeader, out values)
                && int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out int writer))
            {
                _attempt = writer; // Should the connection break, and another attempt have begun meanwhile, this one's log goes on.
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
            if (follow && await job.GetPatientlyAsync(cancellationToken) is var info && HasEnded(info) && (info.StartedAt is null || info.Attempt > _attempt))
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
