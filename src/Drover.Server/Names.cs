using System.Text.RegularExpressions;

namespace Drover.Server;

/// <summary>What users and sites may be called. They are in paths, addresses and the names of agents (<c>user@site</c>).</summary>
internal static partial class Names
{
    internal static bool IsSite(string name) => Site().IsMatch(name);

    /// <summary>Also mail addresses: an application may know its users by those.</summary>
    internal static bool IsUser(string name) => User().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Site();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex User();
}
