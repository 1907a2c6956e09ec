using System.Collections.Concurrent;
using Drover.Server.Api;
using Drover.Server.Storage;
using Drover.Server.Supervision;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Hosting;

/// <summary>The users of the application as users of Drover; made when they come for the first time.</summary>
internal sealed class HostUsers(Store store, Func<HttpContext, DroverUser?>? find, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, bool> _known = new();

    /// <summary>Who asks, when it is the application itself, or a user whom it knows; null when it is nobody of these.</summary>
    /// <exception cref="ApiException">It is somebody whose name cannot be, or whom another site's page sent.</exception>
    internal async Task<Caller?> FindAsync(HttpContext http)
    {
        if (http.Features.Get<InProcessCaller>() is { } inside)
        {
            return await KnownAsync(inside.User);
        }

        if (find?.Invoke(http) is not { } user)
        {
            return null;
        }

        RefuseOtherSites(http);
        return await KnownAsync(user);
    }

    /// <summary>
    /// A browser adds the application's cookies to what other sites' pages ask for, too; it says so
    /// (https://www.w3.org/TR/fetch-metadata/), on plain HTTP only by the page's origin. Who has to show a token is not
    /// concerned.
    /// </summary>
    private static void RefuseOtherSites(HttpContext http)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method) && IsFromAnotherSite(http.Request))
        {
            throw ApiException.Forbidden("This request was sent by a page of another site: use a token, or send it from the application's own.");
        }
    }

    private static bool IsFromAnotherSite(HttpRequest request) => (string?)request.Headers["Sec-Fetch-Site"] is { } site
        ? site is not ("same-origin" or "none")
        : (string?)request.Headers.Origin is { } origin
            && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? page)
                && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));

    private async Task<Caller> KnownAsync(DroverUser user)
    {
        if (!Names.IsUser(user.Name))
        {
            throw new InvalidOperationException(
                $"The application names a user '{user.Name}', which is no name for one: letters, digits and . - _ @ +, at most 64, the first a letter or digit.");
        }

        if (!_known.ContainsKey(user.Name))
        {
            if (await store.UserAsync(user.Name) is null)
            {
                await AddAsync(user.Name);
            }

            _known[user.Name] = true;
        }

        return new Caller(user.Name, user.IsAdmin);
    }

    private async Task AddAsync(string name)
    {
        try
        {
            await store.CommitAsync(new Change.UserAdded(new UserRow { Name = name, IsAdmin = false, CreatedAt = time.GetUtcNow() }));
        }
        catch (StorageException e) when (e.Failure == StorageFailure.Refused)
        {
            if (await store.UserAsync(name) is null)
            {
                throw; // Not because another request was faster.
            }
        }
    }
}
