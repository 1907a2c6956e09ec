using System.Text.Json;

namespace Drover.Cli.Listing;

/// <summary>A line of a list: a job, or an array with all its jobs.</summary>
/// <param name="Json">As the API answered it.</param>
internal abstract record ListRow(JsonElement Json)
{
    /// <summary>A job.</summary>
    internal sealed record OfJob(JobInfo Job, JsonElement Json) : ListRow(Json);

    /// <summary>An array.</summary>
    internal sealed record OfArray(ArrayInfo Array, JsonElement Json) : ListRow(Json);
}
