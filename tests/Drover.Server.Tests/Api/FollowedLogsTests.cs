using Drover.Server.Api;

namespace Drover.Server.Tests.Api;

public sealed class FollowedLogsTests
{
    [Fact]
    public void Each_user_follows_so_many_logs_and_no_more()
    {
        var logs = new FollowedLogs();
        FollowedLogs.Place[] places = [.. Enumerable.Range(0, FollowedLogs.MostOfUser).Select(_ => logs.Follow("alice"))];
        ApiException e = Assert.Throws<ApiException>(() => logs.Follow("alice"));
        Assert.Equal((429, "tooMany"), (e.Status, e.Code));
        logs.Follow("bob").Dispose();
        places[0].Dispose();
        logs.Follow("alice");
        Assert.Throws<ApiException>(() => logs.Follow("alice"));
    }
}
