namespace Drover.Cli.Commands;

/// <summary>What a number that somebody typed stands for: a job, or an array.</summary>
internal static class JobTarget
{
    /// <summary>Does the one for a job, and the other when it is an array.</summary>
    public static async Task<T> DoAsync<T>(DroverClient client, JobRef target, Func<JobHandle, Task<T>> job, Func<ArrayHandle, Task<T>> array)
    {
        try
        {
            return await job(await client.FindJobAsync(target));
        }
        catch (JobNotFoundException e) when (e.IsArray && target.Index is null)
        {
            return await array(client.Array(target.Number));
        }
    }
}
