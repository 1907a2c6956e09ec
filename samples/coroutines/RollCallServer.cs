using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Drover.Samples;

/// <summary>A server that knows a list of servers, but not which of them it is itself.</summary>
/// <remarks>
/// The port it listens on would not tell: behind a forwarder or in a container the list has another one. So it makes up
/// an id, asks everyone on the list for theirs, itself included, and is the one that answers with its own.
/// Notice:
/// - Each request is a coroutine. One that comes too early waits for the Event and goes on where it stood: there is no
///   queue of held requests and no state machine.
/// - The question for the id is answered at once. The others wait for it.
/// - All are asked at the same time, each as often as it takes; MapAsync gives the answers in the order of the list.
/// </remarks>
internal sealed class RollCallServer(IReadOnlyList<IPEndPoint> entries, Socket listener, TextWriter output)
{
    private const string WhoAreYou = "who are you?";
    private readonly string _id = RandomNumberGenerator.GetHexString(16);
    private readonly Event _known = new("roll call");
    private string _name = $"server at {listener.LocalEndPoint}";

    public Task RunAsync() => TaskGroup.RunAsync(async server =>
    {
        listener.Listen();
        server.Start(AcceptAsync, "accept");
        string[] ids = await TaskGroup.MapAsync(entries, limit: entries.Count, entry => RollCall.AskAsync(entry, WhoAreYou));
        _name = $"server {WhichAmI(ids)} of {ids.Length}";
        output.WriteLine($"{_name}: knows who it is");
        _known.Set();
    });

    private int WhichAmI(string[] ids) => ids.Count(id => id == _id) == 1
        ? Array.IndexOf(ids, _id) + 1
        : throw new InvalidDataException($"The {_name} is not exactly once on the list: {string.Join(", ", entries)}.");

    private Task AcceptAsync() => TaskGroup.SuperviseAsync(async connections =>
    {
        while (true)
        {
            Socket connection = await listener.AcceptAsync(CancelScope.Current.Token);
            connections.Start(() => ServeAsync(connection));
        }
    });

    private async Task ServeAsync(Socket connection)
    {
        CancellationToken canceled = CancelScope.Current.Token;
        await using var stream = new NetworkStream(connection, ownsSocket: true);
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true };
        while (await reader.ReadLineAsync(canceled) is { } request)
        {
            string answer = request == WhoAreYou ? _id : await AnswerAsync(request);
            await writer.WriteLineAsync(answer.AsMemory(), canceled);
        }
    }

    private async Task<string> AnswerAsync(string request)
    {
        if (!_known.IsSet)
        {
            output.WriteLine($"{_name}: holds '{request}'");
            await _known.WaitAsync("the roll call");
        }

        return $"{request} from {_name}";
    }
}
