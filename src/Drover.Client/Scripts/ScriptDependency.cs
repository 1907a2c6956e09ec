namespace Drover.Client.Scripts;

/// <summary>What has to have happened to another job, as a script or a command line says it.</summary>
/// <param name="Job">The job or array as it was written: <c>17</c>, <c>17_3</c>.</param>
/// <param name="When">What has to have happened.</param>
public sealed record ScriptDependency(string Job, DependencyKind When = DependencyKind.Succeeded);
