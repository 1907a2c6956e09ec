using System.Globalization;
using System.Text.Json;
using Drover.Client.Http;
using Drover.Client.Scripts;

namespace Drover.Cli.Submitting;

/// <summary>A job or an array as people write it: <c>17</c>, or <c>17_3</c> for the job with index 3 of array 17.</summary>
/// <param name="Id">The number of the job or array.</param>
/// <param name="Index">The index in the array; null when it is the job or the whole array.</param>
internal readonly record struct JobReference(JobId Id, int? Index = null)
{
    public static bool TryParse(string text, out JobReference reference)
    {
        bool isJob = JobWords.IsJob(text);
        reference = isJob ? Parse(text) : default;
        return isJob;
    }

    public static JobReference Parse(string text)
    {
        int underscore = text.IndexOf('_');
        return underscore < 0
            ? new JobReference(JobId.Parse(text, null))
            : new JobReference(JobId.Parse(text[..underscore], null), int.Parse(text[(underscore + 1)..], NumberStyles.None, CultureInfo.InvariantCulture));
    }

    /// <summary>The number of the job itself; asks the server where that is another than the one written.</summary>
    /// <exception cref="JobNotFoundException">The array has no such job.</exception>
    public async Task<JobId> ResolveAsync(DroverClient client)
    {
        if (Index is null)
        {
            return Id;
        }

        try
        {
            byte[] job = await client.Connection.SendForBytesAsync(ApiRequest.Get($"api/v1/jobs/{this}"), CancellationToken.None);
            using JsonDocument document = JsonDocument.Parse(job);
            return new JobId(document.RootElement.GetProperty("id").GetInt64());
        }
        catch (RequestRefusedException e) when (e.Status == 404)
        {
            throw new JobNotFoundException(Id, e.Problem.Detail);
        }
    }

    public override string ToString() => Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"{Id}_{index}") : Id.ToString();
}
