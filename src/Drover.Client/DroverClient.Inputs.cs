using Drover.Client.Transfers;

namespace Drover.Client;

/// <content>Inputs of jobs.</content>
public sealed partial class DroverClient
{
    /// <summary>
    /// Uploads files and folders as inputs of jobs. What the server has of this user already is not sent again, and what is
    /// left of an upload that broke goes on where it broke, also in a later call. Repeatable.
    /// </summary>
    /// <param name="sources">
    /// What to upload. Permissions are kept. Symbolic links are kept when they are relative and lead to another place among
    /// these inputs. Sockets, pipes and devices are refused, and names that are no valid UTF-8.
    /// </param>
    /// <param name="progress">Told a few times a second, and at the end.</param>
    /// <param name="cancellationToken">Ends it; what has arrived is kept for a while.</param>
    /// <returns>For <see cref="JobSpec.Inputs"/>.</returns>
    /// <exception cref="InputRefusedException">A file cannot be an input, or changed meanwhile; the message names it.</exception>
    /// <exception cref="RequestRefusedException">
    /// The server does not take them: <c>quotaExceeded</c>, this user's inputs would take more than the server gives them;
    /// <c>diskFull</c>, they would take room on the server's disk that uploads have to leave. What has arrived is kept for a
    /// while, and a later call goes on there.
    /// </exception>
    public Task<string> UploadInputsAsync(
        IEnumerable<UploadSource> sources, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        return UploadAsync();

        async Task<string> UploadAsync()
        {
            using var upload = new InputUpload(Connection, progress);
            return await upload.RunAsync(sources, cancellationToken).ConfigureAwait(false);
        }
    }
}
