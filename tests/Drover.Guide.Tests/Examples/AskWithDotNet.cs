namespace Drover.Guide.Tests.Examples;

/// <summary>The same with .NET alone.</summary>
internal static class AskWithDotNet
{
    internal static async Task Run()
    {
        #region ask-dotnet
        await AskAllAsync(TimeSpan.FromSeconds(10));
        await AskAllAsync(TimeSpan.FromMilliseconds(50));

        static async Task AskAllAsync(TimeSpan limit)
        {
            using var cancellation = new CancellationTokenSource(limit);
            Task<int>[] asked = [.. new[] { 1, 2, 3 }.Select(server => CancelOnFailureAsync(AskAsync(server, cancellation.Token), cancellation))];
            try
            {
                Console.WriteLine(string.Join(" ", await Task.WhenAll(asked)));
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                Console.WriteLine("too late");
            }
        }

        static async Task<int> CancelOnFailureAsync(Task<int> asked, CancellationTokenSource others)
        {
            try
            {
                return await asked;
            }
            catch
            {
                await others.CancelAsync();
                throw;
            }
        }

        static async Task<int> AskAsync(int server, CancellationToken token)
        {
            await Task.Delay(100 * server, token);
            return server * server;
        }
        #endregion
    }
}
