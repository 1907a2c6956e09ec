using System.Data;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Dapper;

namespace Drover.Server.Storage;

/// <summary>How values look in columns: times as microseconds, choices as the API's words, the rest of the API as its JSON.</summary>
internal static class Columns
{
    [ThreadStatic]
    private static (string Json, JobSpec Spec)? s_lastSpec;

    /// <summary>Teaches Dapper to read them. Once in a process.</summary>
    internal static void Register()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
        SqlMapper.AddTypeHandler(new Handler<DateTimeOffset>(v => Time((long)v)));
        SqlMapper.AddTypeHandler(new Handler<JobId>(v => new JobId((long)v)));
        SqlMapper.AddTypeHandler(new Handler<TokenHash>(v => new TokenHash((string)v)));
        SqlMapper.AddTypeHandler(new Handler<JobSpec>(v => ReadSpec((string)v)));
        SqlMapper.AddTypeHandler(new Handler<AttemptEnd>(v => Read((string)v, ProtocolJson.Default.AttemptEnd)));
        SqlMapper.AddTypeHandler(new Handler<StopOrder>(v => Read((string)v, ProtocolJson.Default.StopOrder)));
        SqlMapper.AddTypeHandler(new Handler<IReadOnlyList<string>>(v => ((string)v).Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    internal static long Microseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    internal static long? Microseconds(DateTimeOffset? time) => time is { } known ? Microseconds(known) : null;

    internal static DateTimeOffset Time(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);

    /// <summary>The word of a choice: <c>cancelRequested</c>.</summary>
    internal static string Word<T>(T choice)
        where T : struct, Enum => Words<T>.All[choice];

    /// <summary>The word of an ending: <c>outOfMemory</c>, as in its JSON.</summary>
    internal static string Word(Ending ending) => JsonNamingPolicy.CamelCase.ConvertName(ending.GetType().Name);

    internal static byte[] Json(JobSpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, ProtocolJson.Default.JobSpec);

    internal static byte[] Json(AttemptEnd end) => JsonSerializer.SerializeToUtf8Bytes(end, ProtocolJson.Default.AttemptEnd);

    internal static byte[] Json(StopOrder order) => JsonSerializer.SerializeToUtf8Bytes(order, ProtocolJson.Default.StopOrder);

    /// <summary>Numbers of jobs, for <c>json_each</c>: as many as there are, in one parameter.</summary>
    internal static string Json(IEnumerable<JobId> ids) => $"[{string.Join(',', ids)}]";

    /// <summary>The jobs of an array come one after the other with the same specification: they share the object.</summary>
    private static JobSpec ReadSpec(string json)
    {
        if (s_lastSpec is not { } last || last.Json != json)
        {
            s_lastSpec = last = (json, Read(json, ProtocolJson.Default.JobSpec));
        }

        return last.Spec;
    }

    private static T Read<T>(string json, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(json, type)!;

    private static class Words<T>
        where T : struct, Enum
    {
        internal static readonly Dictionary<T, string> All =
            Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));
    }

    private sealed class Handler<T>(Func<object, T> read) : SqlMapper.TypeHandler<T>
    {
        public override T Parse(object value) => read(value);

        public override void SetValue(IDbDataParameter parameter, T? value) => throw new NotSupportedException("Write it as its column's own type.");
    }
}
