using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <summary>
/// Does requests with an idempotency key once. What one was answered with is stored in the commit that does it, and kept
/// for a day, so that the same request sent again is given the same answer, also by the next server. Belongs to the
/// supervision loop.
/// </summary>
internal sealed class RequestKeys(Store store)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_forgetEvery = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(string User, string Key), Event> _pending = [];
    private readonly TimeProvider _time = EventLoop.Current.Time;

    /// <summary>
    /// Does a request, or tells what it was answered with before. Of several at the same time with one key, the first is
    /// done, and the others wait for it.
    /// </summary>
    /// <param name="caller">Who asks: everybody has keys of their own.</param>
    /// <param name="key">The request's key; null when it has none: then it is done.</param>
    /// <param name="type">How the answer is kept.</param>
    /// <param name="make">
    /// Does it. It is given a function that makes the record of an answer, which has to be part of the commit that does
    /// what is asked; empty when there is no key.
    /// </param>
    /// <exception cref="RequestRefusedException">The key was used for another request; nothing was changed.</exception>
    internal async Task<Keyed<T>> OnceAsync<T>(
        Caller caller, RequestKey? key, JsonTypeInfo<T> type, Func<Func<T, IReadOnlyList<Change>>, Task<T>> make)
    {
        if (key is null)
        {
            return new Keyed<T>(await make(static _ => []), IsReplay: false);
        }

        while (_pending.TryGetValue((caller.User, key.Text), out Event? done))
        {
            await done.WaitAsync("the same request, which is being done");
        }

        var finished = new Event($"request '{key.Text}' of {caller.User}");
        _pending.Add((caller.User, key.Text), finished);
        try
        {
            return await store.AnswerAsync(caller.User, key.Text) is { } earlier
                ? new Keyed<T>(Read(earlier, key, type), IsReplay: true)
                : new Keyed<T>(await make(answer => [Answered(caller, key, JsonSerializer.Serialize(answer, type))]), IsReplay: false);
        }
        finally
        {
            _pending.Remove((caller.User, key.Text));
            finished.Set();
        }
    }

    /// <summary>Forgets answers whose time is over, until the scope is canceled.</summary>
    internal async Task ForgetAsync()
    {
        while (true)
        {
            try
            {
                await store.CommitAsync(new Change.AnswersForgotten(_time.GetUtcNow() - s_kept));
            }
            catch (StorageException)
            {
                // The disk is full or the like: they are forgotten later.
            }

            await Coroutine.SleepAsync(s_forgetEvery, "answers to requests whose time is over");
        }
    }

    private static T Read<T>(AnswerRow earlier, RequestKey key, JsonTypeInfo<T> type) => earlier.RequestHash == key.RequestHash
        ? JsonSerializer.Deserialize(earlier.AnswerJson, type)!
        : throw new RequestRefusedException(
            "keyReused",
            $"The idempotency key '{key.Text}' was used at {earlier.AnsweredAt:yyyy-MM-dd HH:mm:ss} UTC for another request: every new request needs a key of its own.");

    private Change.RequestAnswered Answered(Caller caller, RequestKey key, string json) => new(new AnswerRow
    {
        User = caller.User,
        Key = key.Text,
        RequestHash = key.RequestHash,
        AnsweredAt = _time.GetUtcNow(),
        AnswerJson = json,
    });
}
