using Drover.Client;
using Drover.Protocol.Jobs;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Drover.Guide.Tests.Examples;

/// <summary>What the guide to hosting shows. It needs a web server: Drover.Samples.Tests runs it.</summary>
internal static class Hosting
{
    internal static async Task Smallest(string[] args)
    {
        #region hosting
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.Services.AddDrover(options => options.DataFolder = "/var/lib/gateway/drover");

        WebApplication app = builder.Build();
        app.MapDrover("/drover");
        await app.RunAsync();
        #endregion
    }

    internal static void Users(WebApplicationBuilder builder)
    {
        #region hosting-users
        builder.Services.AddDrover(options =>
        {
            options.Configuration = builder.Configuration.GetSection("Drover"); // The keys of drover.yaml: Drover:jobs:maxTime
            options.FindUser = http => http.User.Identity?.Name is { } name
                ? new DroverUser(name, IsAdmin: http.User.IsInRole("operator"))
                : null;
            options.StartAgentsForAllUsers = true;
        });
        #endregion
    }

    internal static void Within(WebApplication app)
    {
        #region hosting-within
        app.MapPost("/simulate", async (HttpContext http, DroverHost drover) =>
        {
            using var client = new DroverClient(new DroverClientOptions
            {
                Server = drover.Address,
                Token = "", // Within the process nobody looks at it: the handler is the user.
                Handler = drover.CreateHandler(new DroverUser(http.User.Identity!.Name!)),
            });
            JobInfo job = await client.SubmitAsync(new JobSpec { Command = ["/opt/bin/simulate"], TimeLimitSeconds = 3600 });
            return Results.Redirect($"/runs/{job.Id}");
        }).RequireAuthorization();
        #endregion
    }
}
