using Drover.Server.Storage;
using Drover.Server.Supervision;

namespace Drover.Simulation.Tests.Users;

/// <content>Arrays and workflows.</content>
internal sealed partial class SimUser
{
    internal async Task SubmitArrayAsync(ArraySpec spec)
    {
        string key = NextKey();
        spec = spec with { Job = spec.Job with { Name = key } };
        if (await InsistAsync(key, (server, requestKey) => server.SubmitArrayAsync(_caller, spec, requestKey), array => array.Id.ToString()) is { } array)
        {
            world.Note($"{name} has array {array.Id}: {spec.Indices}, {spec.AtOnce?.ToString() ?? "any number"} at once, each {Words(spec.Job)}");
            Has(array);
        }
    }

    internal async Task SubmitWorkflowAsync(Workflow workflow)
    {
        string key = NextKey();
        workflow = workflow with { Steps = [.. workflow.Steps.Select(step => step with { Job = step.Job with { Name = $"{key}.{step.Key}" } })] };
        WorkflowInfo? answer = await InsistAsync(
            key,
            (server, requestKey) => server.SubmitWorkflowAsync(_caller, workflow, requestKey),
            info => string.Join(' ', info.Steps.OrderBy(step => step.Key, StringComparer.Ordinal).Select(step => step.Value)));
        foreach (WorkflowStep step in answer is null ? [] : workflow.Steps)
        {
            JobId id = answer!.Steps[step.Key];
            JobSpec? spec = Queries.Job(world.Database.Connection, id)?.Spec ?? ArrayQueries.Find(world.Database.Connection, id)?.Job;
            if (!(spec?.After ?? []).SequenceEqual((step.After ?? []).Select(before => new Dependency(answer.Steps[before.Step], before.When))))
            {
                world.Broken($"step {step.Key} of {key} comes after {string.Join(", ", spec?.After ?? [])}");
            }

            if (step.Indices is null)
            {
                world.Note($"{name} has job {id} as step {step.Key} of {key}, after {string.Join(", ", (step.After ?? []).Select(a => $"{a.Step} {a.When}"))}");
                Has(id, step.Job);
                Nameable.Add(id);
            }
            else if (await TryAsync(server => server.FindArrayAsync(_caller, id), $"see array {id}") is { } array)
            {
                Has(array);
            }
        }
    }

    internal async Task ChangeArrayAsync(ArrayInfo array, ArrayChanges changes)
    {
        world.Truth.LimitChanges(array.Id);
        foreach (JobId id in changes.Hold == true ? JobsOf(array) : [])
        {
            world.Truth.Held(id);
        }

        if (await TryAsync(server => server.ChangeArrayAsync(_caller, array.Id, changes), $"change array {array.Id}") is not null)
        {
            world.Note($"{name} changed array {array.Id}: {changes}");
        }
    }

    /// <summary>Cancels all of an array.</summary>
    internal async Task CancelArrayAsync(ArrayInfo array)
    {
        foreach (JobId id in JobsOf(array))
        {
            world.Truth.MayBeCanceled(id);
        }

        if (await TryAsync(server => server.CancelArrayAsync(_caller, array.Id, new CancelRequest { Why = "changed my mind" }), $"cancel array {array.Id}") is not null)
        {
            world.Note($"{name} canceled array {array.Id}");
            foreach (JobId id in JobsOf(array))
            {
                world.Truth.Stopped(id);
                world.Group.Start(() => EndsSoonAsync(id), $"the end of {id}, whose array is canceled");
            }
        }
    }

    /// <summary>Cancels a job of an array by its index.</summary>
    internal async Task CancelInArrayAsync(ArrayInfo array, int position)
    {
        int index = ArrayRules.Check(array.Spec.Indices, array.Spec.AtOnce)[position];
        var expected = new JobId(array.FirstJob.Value + position);
        JobId id = default;
        string? found = await TryAsync(
            async server => (id = await server.NumberOfAsync(_caller, new JobRef(array.Id, index))).ToString(), $"find {array.Id}_{index}");
        if (found is null)
        {
            return;
        }

        if (id != expected)
        {
            world.Broken($"job {array.Id}_{index} is said to be {id}, and is {expected}");
        }

        await CancelAsync(id);
    }

    private static IEnumerable<JobId> JobsOf(ArrayInfo array) => Enumerable.Range(0, array.Count).Select(i => new JobId(array.FirstJob.Value + i));

    private void Has(ArrayInfo array)
    {
        Arrays.Add(array);
        Nameable.Add(array.Id);
        foreach (JobId id in JobsOf(array))
        {
            Has(id, array.Spec.Job);
        }
    }
}
