namespace Drover.Client.Scripts;

/// <summary>What has to have happened to another job, as a script or a command line says it.</summary>
/// <param name="Job">The job or array; a job of an array has no number yet that <see cref="Dependency"/> could take.</param>
/// <param name="When">What has to have happened.</param>
public sealed record ScriptDependency(JobRef Job, DependencyKind When = DependencyKind.Succeeded);
