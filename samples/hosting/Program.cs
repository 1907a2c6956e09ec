using System.Security.Claims;
using Drover.Client;
using Drover.Protocol;
using Drover.Protocol.Jobs;
using Drover.Samples.Hosting;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

// A tiny science gateway: people sign in, throw darts on the server's machine, watch, and see the picture.
// Drover runs inside it: no other program has to be started, and jobs go on when this one is restarted.
WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
builder.Services.AddDrover(options =>
{
    options.DataFolder = builder.Configuration["Drover:DataFolder"] ?? Path.Combine(AppContext.BaseDirectory, "drover-data");
    options.Configuration = builder.Configuration.GetSection("Drover:Options"); // As in drover.yaml: Drover:Options:jobs:maxTime
    options.StartAgentsForAllUsers = true;
    options.FindUser = http => http.User.Identity?.Name is { } name ? new DroverUser(name) : null;
});
builder.Services.AddHttpContextAccessor();
builder.Services.AddScoped(services =>
{
    var drover = services.GetRequiredService<DroverHost>();
    string user = services.GetRequiredService<IHttpContextAccessor>().HttpContext!.User.Identity!.Name!;
    return new DroverClient(new DroverClientOptions
    {
        Server = drover.Address,
        Token = "",
        Handler = drover.CreateHandler(new DroverUser(user)), // Within the process: no network, no token.
    });
});

WebApplication app = builder.Build();
app.UseAuthentication();
app.MapDrover(); // The API, for the pages' scripts (as the user of the cookie) and for agents (with their tokens).

app.MapGet("/", (HttpContext http) => Pages.Html(http.User.Identity?.Name is { } user ? Pages.Start(user) : Pages.SignIn()));

// Anybody is believed who they are; a real gateway asks for more.
app.MapPost("/sign-in", async (HttpContext http) =>
{
    string name = (await http.Request.ReadFormAsync())["name"].ToString();
    var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], CookieAuthenticationDefaults.AuthenticationScheme);
    await http.SignInAsync(new ClaimsPrincipal(identity));
    return Results.Redirect("/");
});

RouteGroupBuilder runs = app.MapGroup("/runs").AddEndpointFilter(async (context, next) =>
    context.HttpContext.User.Identity?.IsAuthenticated == true ? await next(context) : Results.Redirect("/"));

runs.MapPost("/", async (HttpContext http, DroverClient drover) =>
{
    if (!int.TryParse((await http.Request.ReadFormAsync())["darts"], out int darts) || darts is < 20 or > 100_000_000)
    {
        return Results.BadRequest("The number of darts is from 20 to 100,000,000.");
    }

    JobInfo job = await drover.SubmitAsync(new JobSpec
    {
        Name = $"pi by {darts} darts",
        Command = ["awk", "-v", $"darts={darts}", "-v", "seed=1", "-f", Path.Combine(AppContext.BaseDirectory, "pi.awk")],
        TimeLimitSeconds = 600,
    });
    return Results.Redirect($"/runs/{job.Id}");
});

runs.MapGet("/{id}", async (JobId id, DroverClient drover) => Pages.Html(Pages.Run(await drover.Job(id).GetAsync())));

runs.MapPost("/{id}/cancel", async (JobId id, DroverClient drover) =>
{
    await drover.Job(id).CancelAsync();
    return Results.Redirect($"/runs/{id}");
});

runs.MapGet("/{id}/pi.svg", (JobId id, DroverClient drover) =>
    Results.Stream(stream => drover.Job(id).CopyFileAsync("pi.svg", stream), "image/svg+xml"));

app.UseExceptionHandler(errors => errors.Run(Pages.ExplainAsync));
await app.RunAsync();
