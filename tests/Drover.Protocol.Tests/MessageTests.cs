using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Protocol.Tests;

/// <summary>Everything that is said comes back as it was, and looks as promised.</summary>
public sealed class MessageTests
{
    private static readonly DateTimeOffset s_noon = new(2026, 3, 1, 12, 0, 0, 123, 456, TimeSpan.FromHours(1));
    private static readonly AttemptId s_attempt = new(new JobId(17), 1);

    private static readonly JobSpec s_spec = new()
    {
        Command = ["./simulate", "in.json", ""],
        Name = "orbits",
        Site = "nersc",
        Cpus = 4,
        MemoryBytes = 1L << 40,
        TimeLimitSeconds = 0.5,
        Priority = -3,
        WorkingDirectory = "/tmp",
        RunDirectory = "shared",
        Environment = new Dictionary<string, string> { ["A"] = "ünï\0\u2028" },
        GraceSeconds = 0,
        Inputs = new string('a', 64),
        After = [new Dependency(new JobId(3)), new Dependency(new JobId(4), DependencyKind.Failed)],
        Retry = new RetryPolicy { Retries = 3, On = ["lost", "exit:75"], DelaySeconds = 0.5, MaxDelaySeconds = 60 },
        Hold = true,
        Pin = true,
        Reuse = false,
    };

    private static readonly AttemptEnd s_end = new()
    {
        Ending = new Ending.Signaled(11, "SIGSEGV", true),
        At = s_noon,
        Evidence = "the keeper waited for it",
        Usage = new Usage { CpuSeconds = 1.5, MaxMemoryBytes = 4096 },
        ErrorTail = "oops\n",
    };

    private static readonly JobInfo s_job = new()
    {
        Id = new JobId(17),
        Name = "orbits",
        User = "ada",
        Spec = s_spec,
        State = JobState.Ended,
        Situation = "waits",
        Progress = new Progress { Fraction = 0.5, Message = "half", At = s_noon },
        End = s_end,
        Attempt = 2,
        SubmittedAt = s_noon,
        StartedAt = s_noon,
        Agent = "ada@nersc",
        ProcessId = 4711,
        CancelRequestedBy = "ben",
        Revision = 9,
        Array = new ArrayElement(new JobId(16), 0),
        NextAttemptAt = s_noon,
        EstimatedEndAt = s_noon,
        IsReused = true,
        TraceParent = $"00-{new string('1', 32)}-{new string('2', 16)}-01",
    };

    private static readonly JobEvent s_event = new()
    {
        Sequence = 3,
        At = s_noon,
        Attempt = 1,
        Kind = JobEventKind.CancelRequested,
        State = JobState.Running,
        Actor = "ada",
        Cause = "she asked",
        Evidence = "a request",
    };

    private static readonly ExecSpec s_exec = new() { Command = ["draw", "frame 3"], TimeLimitSeconds = 5 };

    private static readonly ArraySpec s_array = new() { Job = s_spec, Indices = "1-1000", AtOnce = 50 };

    private static readonly ArrayInfo s_arrayInfo = new()
    {
        Id = new JobId(16),
        Name = "orbits",
        User = "ada",
        Spec = s_array,
        SubmittedAt = s_noon,
        Count = 1000,
        FirstJob = new JobId(17),
        Queued = 1,
        Running = 2,
        Unknown = 3,
        Succeeded = 4,
        Failed = 5,
        IsOver = true,
        Situation = "waits",
    };

    private static readonly Ending[] s_endings =
    [
        new Ending.Exited(3),
        new Ending.Signaled(9, "SIGKILL"),
        new Ending.OutOfMemory(1 << 30),
        new Ending.OutOfMemory(null),
        new Ending.TimeLimit(60),
        new Ending.Canceled("ada", "why"),
        new Ending.Canceled("ada"),
        new Ending.NodeFailed("NODE_FAIL"),
        new Ending.Preempted("PREEMPTED"),
        new Ending.LaunchFailed(LaunchFailure.NoSuchDirectory, "there is no /x"),
        new Ending.Lost("nobody saw"),
    ];

    private static readonly AgentMessage[] s_fromAgent =
    [
        new AgentMessage.Hello
        {
            Protocol = 1,
            Version = "1.0",
            Folder = "f00d",
            Host = "h",
            UnixUser = "u",
            ProcessId = 3,
            Cpus = 4,
            MemoryBytes = 1L << 40,
            Driver = "process",
            Limits = ["time", "memory"],
        },
        new AgentMessage.Known([s_attempt]),
        new AgentMessage.Ready(),
        new AgentMessage.Started(1, s_attempt, 4711, s_noon),
        new AgentMessage.Ended(2, s_attempt, s_end),
        new AgentMessage.Progressed(s_attempt, new Progress { Fraction = 0.25 }),
        new AgentMessage.OpFailed(new OpId(3), true, "there is no such file"),
        new AgentMessage.Purged(["17", "~shared"]),
        new AgentMessage.Idle(),
    ];

    private static readonly ServerMessage[] s_fromServer =
    [
        new ServerMessage.Welcome { Version = "1.0", Agent = "ada@local", Connection = "c1", HeartbeatSeconds = 10, IdleSeconds = 0.5 },
        new ServerMessage.Refused("too old"),
        new ServerMessage.Leave(),
        new ServerMessage.Acknowledged([1, 2]),
        new ServerMessage.Run(new RunOrder { Attempt = s_attempt, RunDirectory = "17", Spec = s_spec, GraceSeconds = 10 }),
        new ServerMessage.Stop(s_attempt, new StopOrder("ada", null, 0)),
        new ServerMessage.ReadLog(new OpId(1), s_attempt, "17", OutputKind.Error, -100, true),
        new ServerMessage.ListFiles(new OpId(2), "17", "a/b"),
        new ServerMessage.ReadFile(new OpId(3), "17", "a/b", 5, null),
        new ServerMessage.ReadArchive(new OpId(4), "17", "a/b", ["**/*.csv"]),
        new ServerMessage.Exec(new OpId(5), s_attempt, "17", s_exec, new Dictionary<string, string> { ["A"] = "b" }, new ArrayElement(new JobId(7), 3), 2),
        new ServerMessage.Purge(["17", "~shared"]),
        new ServerMessage.EndOp(new OpId(3)),
    ];

    private static readonly object[] s_all =
    [
        s_spec,
        s_job,
        new JobBatch { Jobs = [s_spec, new JobSpec { Command = ["true"] }] },
        new JobList { Jobs = [s_job], Next = new JobId(16) },
        s_event,
        new EventOfJob
        {
            Job = new JobId(17),
            Sequence = 3,
            At = s_noon,
            Attempt = 1,
            Kind = JobEventKind.Started,
            State = JobState.Running,
            Actor = "agent",
            Cause = "process 3 runs",
            Evidence = "pid 3",
        },
        new ProgressOfJob(new JobId(17), new Progress { Fraction = 0.5, Message = "half", At = s_noon }),
        new LogPiece(12, "half\n"),
        new LogPiece(0, "again\n", Attempt: 2),
        s_end,
        new Explanation { Job = s_job, Steps = [s_event], Summary = "it ended", Advice = ["try again"] },
        new CancelRequest { Why = "why", GraceSeconds = 0 },
        new FileList { Directory = "/runs/17", Entries = [new FileEntry { Path = "a", IsDirectory = true, Length = 3, ModifiedAt = s_noon }], IsTruncated = true },
        new RunOrder
        {
            Attempt = s_attempt,
            RunDirectory = "17",
            Spec = s_spec,
            GraceSeconds = 10,
            Array = new ArrayElement(new JobId(16), 3),
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
        new StopOrder("ada", "why", 3),
        new Health { IsHealthy = false, Checks = [new HealthCheck("disk", false, "the disk is full")] },
        new ServerInfo { Version = "1.0", User = "ada", IsAdmin = true, StartedAt = s_noon, DataFolder = "/data", UnfinishedJobs = 3 },
        new ServerFile { Url = "http://127.0.0.1:1", ProcessId = 3, Version = "1.0", StartedAt = s_noon },
        new AgentInfo
        {
            Name = "ada@local",
            User = "ada",
            Site = "local",
            IsConnected = true,
            Host = "h",
            UnixUser = "u",
            ProcessId = 3,
            Version = "1.0",
            LastSeenAt = s_noon,
            Attempts = 2,
            Situation = "idle",
        },
        new SiteInfo { Name = "local", Cpus = 4, FreeCpus = 3, Waiting = 2, Limits = ["time"] },
        new NewAgent { Site = "local", User = "ada", ValidSeconds = 60 },
        new NewUser { Name = "ada", IsAdmin = true, ValidSeconds = 3600.5 },
        new NewToken { User = "ada", ValidSeconds = 1 },
        new IssuedToken { Name = "ada", Token = "secret", Id = "0123456789ab", ExpiresAt = DateTimeOffset.UnixEpoch },
        new TokenInfo { Id = "0123456789ab", User = "ada", Agent = "ada@local", CreatedAt = DateTimeOffset.UnixEpoch, ExpiresAt = DateTimeOffset.UnixEpoch },
        new Problem { Title = "Not found", Status = 404, Detail = "there is no job 17", Code = "notFound" },
        s_array,
        s_arrayInfo,
        new ArrayExplanation
        {
            Array = s_arrayInfo,
            Summary = "half are done",
            Waiting = [new ArrayGroup { What = "waiting for job 3 to succeed", Count = 2, Examples = [7, 8] }],
            Endings = [new ArrayGroup { What = "exited with code 3", Count = 1, Examples = [1] }],
            Advice = ["drover explain 16_1"],
        },
        new Workflow
        {
            Name = "study",
            Steps =
            [
                new WorkflowStep { Key = "prepare", Job = s_spec, Indices = "1-3", AtOnce = 2 },
                new WorkflowStep { Key = "sum up", Job = s_spec, After = [new StepDependency("prepare", DependencyKind.Ended)] },
            ],
        },
        new WorkflowInfo { Steps = new Dictionary<string, JobId> { ["prepare"] = new(17) } },
        new JobChanges { Priority = 3, TimeLimitSeconds = 60, Hold = true, Pin = false },
        new ArrayChanges { Priority = 3, TimeLimitSeconds = 60, Hold = true, AtOnce = 2 },
        new AttemptInfo { Number = 2, State = JobState.Ended, Agent = "ada@local", ProcessId = 3, StartedAt = s_noon, End = s_end },
        s_exec,
        new ExecResult { Ending = new Ending.Exited(3) },
        new InputManifest
        {
            Entries =
            [
                new InputEntry { Path = "a", Kind = InputKind.Folder, Mode = 0x1ED },
                new InputEntry { Path = "a/b", Kind = InputKind.File, Hash = new string('b', 64), Length = 3 },
                new InputEntry { Path = "a/c", Kind = InputKind.Link, Target = "b" },
            ],
        },
        new HashList { Hashes = [new string('b', 64)] },
        .. s_endings,
        .. s_fromAgent,
        .. s_fromServer,
    ];

    public static TheoryData<int> All => [.. Enumerable.Range(0, s_all.Length)];

    [Theory]
    [MemberData(nameof(All))]
    public void Everything_comes_back_as_it_was(int index)
    {
        JsonTypeInfo type = TypeOf(s_all[index]);

        string json = JsonSerializer.Serialize(s_all[index], type);
        object read = JsonSerializer.Deserialize(json, type)!;

        Assert.Equivalent(s_all[index], read, strict: true);
        Assert.Equal(json, JsonSerializer.Serialize(read, type));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_unknown_member_is_refused(int index)
    {
        JsonTypeInfo type = TypeOf(s_all[index]);
        string json = JsonSerializer.Serialize(s_all[index], type);

        string more = json.TrimEnd('}') is var start && json[^1] == '}' ? $"{json[..^1]},\"cpuz\":1}}" : start;

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(more, type));
    }

    [Fact]
    public void Every_message_and_every_ending_is_tried_here()
    {
        foreach (Type choice in (Type[])[typeof(Ending), typeof(AgentMessage), typeof(ServerMessage)])
        {
            Type[] cases = choice.GetNestedTypes();
            Assert.Equal(
                cases.Select(c => c.Name).Order(),
                s_all.Select(v => v.GetType()).Where(choice.IsAssignableFrom).Select(c => c.Name).Distinct().Order());
            Assert.Equal(
                cases.Select(c => JsonNamingPolicy.CamelCase.ConvertName(c.Name)).Order(),
                choice.GetCustomAttributes<JsonDerivedTypeAttribute>().Select(a => (string)a.TypeDiscriminator!).Order());
        }
    }

    [Fact]
    public void Every_public_record_is_tried_here() => Assert.Empty(
        typeof(JobSpec).Assembly.GetExportedTypes()
            .Where(t => t is { IsAbstract: false, IsEnum: false, IsValueType: false } && !typeof(JsonSerializerContext).IsAssignableFrom(t)
                && !typeof(JsonConverter).IsAssignableFrom(t))
            .Except(s_all.Select(v => v.GetType()))
            .Except( // Parts of others.
            [
                typeof(FileEntry), typeof(HealthCheck), typeof(InputEntry), typeof(Progress), typeof(Usage), typeof(ArrayElement), typeof(Dependency), typeof(RetryPolicy),
                typeof(StepDependency), typeof(WorkflowStep), typeof(ArrayGroup),
            ]));

    [Fact]
    public void A_job_looks_as_promised() => Assert.Equal(
        """{"id":17,"name":"orbits","user":"ada","spec":{"command":["true"],"site":"local","cpus":1,"priority":0},"state":"queued","attempt":1,"submittedAt":"2026-03-01T12:00:00.123456+01:00","revision":0}""",
        JsonSerializer.Serialize(
            new JobInfo { Id = new JobId(17), Name = "orbits", User = "ada", Spec = new JobSpec { Command = ["true"] }, State = JobState.Queued, SubmittedAt = s_noon },
            ProtocolJson.Default.JobInfo));

    [Fact]
    public void An_array_of_messages_names_their_types() => Assert.Equal(
        """[{"type":"known","attempts":["17.1"]},{"type":"ready"}]""",
        JsonSerializer.Serialize([new AgentMessage.Known([s_attempt]), new AgentMessage.Ready()], ProtocolJson.Default.AgentMessageArray));

    [Fact]
    public void The_type_of_a_message_may_stand_anywhere() => Assert.Equal(
        new AgentMessage.OpFailed(new OpId(3), true, "no"),
        JsonSerializer.Deserialize("""{"op":{"value":3},"isNotFound":true,"type":"opFailed","message":"no"}""", ProtocolJson.Default.AgentMessage));

    [Theory]
    [InlineData("""{"cpus":2}""")]
    [InlineData("""{"command":null}""")]
    [InlineData("""{"command":["a"],"cpus":"2"}""")]
    [InlineData("""{"command":["a"],"Cpus":2}""")]
    [InlineData("""{"command":["a"],"site":null}""")]
    public void A_specification_with_a_slip_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, ProtocolJson.Default.JobSpec));

    [Fact]
    public void A_token_is_not_in_its_words() =>
        Assert.DoesNotContain("secret", new IssuedToken { Name = "ada", Token = "secret" }.ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 137)]
    [InlineData(2, 137)]
    [InlineData(4, 124)]
    [InlineData(5, 130)]
    [InlineData(7, 125)]
    [InlineData(9, 126)]
    [InlineData(10, 125)]
    public void An_ending_has_the_exit_code_that_a_shell_would_give_it(int index, int code)
    {
        Assert.Equal(code, s_endings[index].ExitCode);
        Assert.False(s_endings[index].IsSuccess);
    }

    private static JsonTypeInfo TypeOf(object value)
    {
        Type declared = value is Ending ? typeof(Ending) : value is AgentMessage ? typeof(AgentMessage) : value is ServerMessage ? typeof(ServerMessage) : value.GetType();
        return ProtocolJson.Default.GetTypeInfo(declared)!;
    }
}
