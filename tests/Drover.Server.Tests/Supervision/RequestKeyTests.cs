using Drover.Server.Supervision;
using static Drover.Server.Tests.Supervision.Servers;

namespace Drover.Server.Tests.Supervision;

public sealed class RequestKeyTests : IDisposable
{
    private static readonly RequestKey s_key = new("mine", new string('a', 64));

    private readonly Servers _servers = new();

    public void Dispose() => _servers.Dispose();

    [Fact]
    public void A_key_is_known_to_the_next_server_for_a_day_and_free_again_after_it()
    {
        JobId first = default;
        _servers.Run(async server => first = await SubmitAsync(server));
        _servers.Run(async server =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromHours(23.9));
            Assert.Equal(first, await SubmitAsync(server));
            await Coroutine.SleepAsync(TimeSpan.FromHours(0.5));
            Assert.NotEqual(first, await SubmitAsync(server));
        });
    }

    private static async Task<JobId> SubmitAsync(Supervisor server) =>
        (await server.SubmitAsync(Alice, [Spec()], s_key)).Answer[0].Id;
}
