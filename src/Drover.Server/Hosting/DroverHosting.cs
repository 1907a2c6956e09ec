using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Drover.Server.Hosting;

/// <summary>Hosts a Drover server inside an ASP.NET Core application.</summary>
public static class DroverHosting
{
    private const string Rest = "/{**rest}";

    /// <summary>
    /// Adds a Drover server, which starts and stops with the application; jobs go on without it. When it cannot start the
    /// application does not either: <see cref="DroverStartException"/> says why. Inject <see cref="DroverHost"/> to use it
    /// from within, and call <see cref="MapDrover"/> for everybody else. An application hosts one server.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Sets what is not to be as <see cref="DroverHostOptions"/> says.</param>
    public static IServiceCollection AddDrover(this IServiceCollection services, Action<DroverHostOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<DroverHostOptions>();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.AddSingleton<DroverHost>();
        services.AddSingleton<IHostedService, HostedDrover>();
        return services;
    }

    /// <summary>
    /// Answers requests below a path as a Drover server does: the API is at <c>{path}/api/v1</c>, and agents connect to
    /// <c>{path}</c>. Errors of the application elsewhere stay the application's. What is added to the result (rate
    /// limits, CORS, authorization) holds for the agents' connections too.
    /// </summary>
    /// <param name="endpoints">The application, or a group of it.</param>
    /// <param name="path">Where; it begins with a slash and has no parameters.</param>
    /// <exception cref="ArgumentException">It does not.</exception>
    public static IEndpointConventionBuilder MapDrover(this IEndpointRouteBuilder endpoints, string path = "/drover")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(path);
        if (!path.StartsWith('/') || path.Contains('{', StringComparison.Ordinal))
        {
            throw new ArgumentException($"'{path}' is no path for Drover: it begins with a slash and has no parameters.", nameof(path));
        }

        DroverHost host = endpoints.ServiceProvider.GetService<DroverHost>()
            ?? throw new InvalidOperationException("There is no Drover server to map: call builder.Services.AddDrover() first.");
        path = path.TrimEnd('/');
        return endpoints.Map(path + Rest, http => AnswerAsync(host, http)).WithDisplayName($"Drover at {path}/").WithMetadata(host);
    }

    /// <summary>The path that it is mapped to, with those of the groups around it; null when it is not.</summary>
    internal static string? FindPath(EndpointDataSource endpoints) =>
        endpoints.Endpoints.OfType<RouteEndpoint>().FirstOrDefault(endpoint => endpoint.Metadata.GetMetadata<DroverHost>() is not null)
            ?.RoutePattern.RawText?[..^Rest.Length];

    /// <summary>Hands a request to the server as if it were at the root, as a web server hands one to an application in a folder.</summary>
    private static async Task AnswerAsync(DroverHost host, HttpContext http)
    {
        (PathString pathBase, PathString path, Endpoint? endpoint) = (http.Request.PathBase, http.Request.Path, http.GetEndpoint());
        RouteValueDictionary values = http.Request.RouteValues;
        string rest = "/" + (string?)values["rest"];
        string whole = path.Value!;
        string above = whole.EndsWith(rest, StringComparison.Ordinal) ? whole[..^rest.Length] : whole;
        http.Request.PathBase = pathBase.Add(above);
        http.Request.Path = whole.Length == above.Length ? "/" : whole[above.Length..];
        http.Request.RouteValues = [];
        http.SetEndpoint(null); // Or its own routing would not begin.
        try
        {
            await host.AnswerAsync(http);
        }
        finally
        {
            (http.Request.PathBase, http.Request.Path, http.Request.RouteValues) = (pathBase, path, values);
            http.SetEndpoint(endpoint);
        }
    }
}
