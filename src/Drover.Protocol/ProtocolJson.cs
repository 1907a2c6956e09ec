using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Protocol.Agents;
using Drover.Protocol.Files;
using Drover.Protocol.Jobs;
using Drover.Protocol.Servers;

namespace Drover.Protocol;

/// <summary>
/// How everything looks as JSON: camel case, nothing for null, units in the names, times in ISO 8601 with their offset.
/// Unknown members are refused: a misspelt option must not be ignored.
/// </summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    Converters = [typeof(FiniteNumberConverter), typeof(VariablesConverter)])]
[JsonSerializable(typeof(JobSpec))]
[JsonSerializable(typeof(JobBatch))]
[JsonSerializable(typeof(JobInfo))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(ArraySpec))]
[JsonSerializable(typeof(ArrayInfo))]
[JsonSerializable(typeof(ArrayExplanation))]
[JsonSerializable(typeof(Workflow))]
[JsonSerializable(typeof(WorkflowInfo))]
[JsonSerializable(typeof(JobChanges))]
[JsonSerializable(typeof(ArrayChanges))]
[JsonSerializable(typeof(IReadOnlyList<AttemptInfo>))]
[JsonSerializable(typeof(ExecSpec))]
[JsonSerializable(typeof(ExecResult))]
[JsonSerializable(typeof(InputManifest))]
[JsonSerializable(typeof(HashList))]
[JsonSerializable(typeof(JobEvent))]
[JsonSerializable(typeof(EventOfJob))]
[JsonSerializable(typeof(ProgressOfJob))]
[JsonSerializable(typeof(LogPiece))]
[JsonSerializable(typeof(AttemptEnd))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(CancelRequest))]
[JsonSerializable(typeof(FileList))]
[JsonSerializable(typeof(AgentMessage[]))]
[JsonSerializable(typeof(ServerMessage[]))]
[JsonSerializable(typeof(RunOrder))]
[JsonSerializable(typeof(StopOrder))]
[JsonSerializable(typeof(ServerInfo))]
[JsonSerializable(typeof(ServerFile))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(IReadOnlyList<AgentInfo>))]
[JsonSerializable(typeof(IReadOnlyList<SiteInfo>))]
[JsonSerializable(typeof(NewAgent))]
[JsonSerializable(typeof(NewUser))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(IssuedToken))]
[JsonSerializable(typeof(IReadOnlyList<TokenInfo>))]
[JsonSerializable(typeof(Problem))]
public sealed partial class ProtocolJson : JsonSerializerContext;
