using System.Runtime.InteropServices;

namespace Drover.Server.Api;

/// <summary>How many logs each user follows: each costs a connection and a coroutine for as long as its job runs. From any thread.</summary>
internal sealed class FollowedLogs
{
    /// <summary>The most of one user.</summary>
    internal const int MostOfUser = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>One more, until it is disposed.</summary>
    /// <exception cref="ApiException">The user follows too many already.</exception>
    internal Place Follow(string user)
    {
        lock (_lock)
        {
            ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_counts, user, out _);
            if (count >= MostOfUser)
            {
                throw new ApiException(429, "tooMany", $"{user} follows {MostOfUser} logs already: close some.");
            }

            count++;
        }

        return new Place(this, user);
    }

    private void Leave(string user)
    {
        lock (_lock)
        {
            if (--_counts[user] == 0)
            {
                _counts.Remove(user);
            }
        }
    }

    /// <summary>One that is followed. Dispose it once.</summary>
    internal sealed class Place(FollowedLogs logs, string user) : IDisposable
    {
        public void Dispose() => logs.Leave(user);
    }
}
