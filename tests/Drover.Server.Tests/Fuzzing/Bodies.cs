namespace Drover.Server.Tests.Fuzzing;

/// <summary>Good bodies that use everything there is, to be changed.</summary>
internal static class Bodies
{
    private const string Job = """
        {"command":["sh","-c","true"],"name":"n","site":"local","cpus":1,"memoryBytes":1000000,"timeLimitSeconds":60.5,"priority":3,"workingDirectory":"/tmp",
         "environment":{"A":"b"},"graceSeconds":1,"after":[{"job":1,"when":"ended"}],"retry":{"retries":2,"on":["exit:75","signal:9"],"delaySeconds":1,"maxDelaySeconds":5},
         "hold":true,"pin":true,"reuse":false,"runDirectory":"shared"}
        """;

    /// <summary>A good body with all that there is; null when it has no more than the usual.</summary>
    internal static string? Rich(string route) => route switch
    {
        "POST /jobs" => Job,
        "POST /jobs/batch" => $$"""{"jobs":[{{Job}},{"command":["true"]}]}""",
        "POST /arrays" => $$"""{"job":{{Job.Replace("\"hold\":true,", "", StringComparison.Ordinal)}},"indices":"1-3,7,10-20:5","atOnce":2}""",
        "POST /workflows" => $$$"""{"name":"w","steps":[{"key":"a","job":{{{Job}}}},{"key":"b","job":{"command":["true"]},"after":[{"step":"a","when":"succeeded"}]},{"key":"c","job":{"command":["true"]},"indices":"1-2","atOnce":1}]}""",
        "PATCH /jobs/{id}" => """{"hold":true,"priority":3,"timeLimitSeconds":5,"pin":true}""",
        "POST /jobs/{id}/cancel" => """{"why":"enough","graceSeconds":1.5}""",
        "POST /jobs/{id}/exec" => """{"command":["true"],"timeLimitSeconds":5}""",
        "POST /agents" or "POST /tokens" => """{"site":"somewhere","user":"somebody","validSeconds":100}""",
        "POST /users" => """{"name":"somebody","isAdmin":false,"validSeconds":100}""",
        _ => null,
    };
}
