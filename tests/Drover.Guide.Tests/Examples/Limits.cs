namespace Drover.Guide.Tests.Examples;

/// <summary>What is not guaranteed.</summary>
internal static class Limits
{
    internal static async Task ConfigureAwaitFalse()
    {
        #region configure-await
        await LibraryAsync(); // Whatever a library does inside, this await comes back.
        Console.WriteLine(Coroutine.Current.Name);

        await LibraryAsync().ConfigureAwait(false); // This one says that it need not.
        try
        {
            Console.WriteLine(Coroutine.Current.Name);
        }
        catch (InvalidOperationException)
        {
            Console.WriteLine("no coroutine runs here");
        }

        static async Task LibraryAsync() => await Task.Delay(1).ConfigureAwait(false);
        #endregion
    }

    internal static async Task WhenAny()
    {
        #region when-any
        var letters = new Channel<string>(1, "letters");
        await Task.WhenAny(letters.ReceiveAsync().AsTask(), Task.CompletedTask);
        letters.TrySend("to the one who left");
        Console.WriteLine($"{letters.Count} letters"); // The wait that lost has taken it.

        var parcels = new Channel<string>(1, "parcels");
        await TaskGroup.FirstAsync(async () => await parcels.ReceiveAsync(), () => Task.FromResult("another"));
        parcels.TrySend("to whoever comes next");
        Console.WriteLine($"{parcels.Count} parcel"); // The loser was canceled.
        #endregion
    }
}
