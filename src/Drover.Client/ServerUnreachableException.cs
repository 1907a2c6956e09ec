namespace Drover.Client;

/// <summary>The server did not answer: nothing listens there, the network is away, or the connection broke.</summary>
/// <remarks>
/// Safe requests (everything that only reads; submits, changes of a job and cancel) have been tried again for
/// <see cref="DroverClientOptions.RetryFor"/> when this is thrown.
/// </remarks>
public sealed class ServerUnreachableException : DroverException
{
    internal ServerUnreachableException(Uri server, string message, bool maySent, Exception? inner)
        : base(message, inner)
    {
        Server = server;
        MayHaveBeenSent = maySent;
    }

    /// <summary>The address that was tried.</summary>
    public Uri Server { get; }

    /// <summary>
    /// Whether the request may have reached the server before the connection broke. A submit may then have been done too:
    /// the same one with the same <see cref="SubmitOptions.IdempotencyKey"/> makes no second job.
    /// </summary>
    public bool MayHaveBeenSent { get; }
}
