using Drover.Server.Api.Description;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Api;

/// <summary>What this API can do, as a document for programs.</summary>
internal sealed class DescriptionApi(IEndpointRouteBuilder all, string root)
{
    private byte[]? _document;

    internal void Map(IEndpointRouteBuilder routes) => routes.MapGet("/openapi.json", GetAsync);

    private async Task GetAsync(HttpContext http)
    {
        byte[] document = _document ??= await ApiDescription.MakeAsync(
            all.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Where(route => ApiDescription.PatternOf(route, root) is not null),
            root);
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = document.Length;
        await http.Response.Body.WriteAsync(document, http.RequestAborted);
    }
}
