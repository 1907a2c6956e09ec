using Drover.Server.Storage;

namespace Drover.Server.Supervision;

/// <content>Arrays and workflows.</content>
internal sealed partial class Supervisor
{
    private const int ExamplesOfGroup = 3;

    private readonly Dictionary<JobId, LiveArray> _arrays = [];
    private readonly EndedArrays _endedArrays;
    private readonly Dependencies _dependencies;

    /// <summary>Accepts an array. When this returns all its jobs are on disk, and will not be lost.</summary>
    /// <exception cref="RequestRefusedException">It cannot be run; nothing was changed.</exception>
    /// <exception cref="StorageException">It could not be stored; nothing was changed.</exception>
    internal async Task<Keyed<ArrayInfo>> SubmitArrayAsync(Caller caller, ArraySpec wanted, RequestKey? key)
    {
        Keyed<JobId> submitted = await Requests.OnceAsync(
            caller, key, ProtocolJson.Default.JobId, record => SubmitArrayAsync(caller, wanted, record));
        return new Keyed<ArrayInfo>(await FindArrayAsync(caller, submitted.Answer), submitted.IsReplay);
    }

    /// <inheritdoc cref="SubmitArrayAsync(Caller, ArraySpec, RequestKey?)"/>
    internal async Task<ArrayInfo> SubmitArrayAsync(Caller caller, ArraySpec wanted) => (await SubmitArrayAsync(caller, wanted, key: null)).Answer;

    private async Task<JobId> SubmitArrayAsync(Caller caller, ArraySpec wanted, Func<JobId, IReadOnlyList<Change>> record)
    {
        int[] indices = ArrayRules.Check(wanted.Indices, wanted.AtOnce);
        JobSpec job = Complete(caller, wanted.Job);
        await _dependencies.CheckAsync(caller, [job]);
        await CheckInputsAsync(caller, [job]);
        Submission submission = NewSubmission(caller);
        LiveArray array = submission.Add(wanted with { Job = job }, indices);
        await AcceptAsync(submission, record(array.Id));
        return array.Id;
    }

    /// <summary>Accepts a workflow. When this returns all its jobs are on disk, and will not be lost.</summary>
    /// <exception cref="RequestRefusedException">A step cannot be run, or they go in a circle; nothing was changed.</exception>
    /// <exception cref="StorageException">It could not be stored; nothing was changed.</exception>
    internal Task<Keyed<WorkflowInfo>> SubmitWorkflowAsync(Caller caller, Workflow workflow, RequestKey? key) => Requests.OnceAsync(
        caller, key, ProtocolJson.Default.WorkflowInfo, record => SubmitWorkflowAsync(caller, workflow, record));

    private async Task<WorkflowInfo> SubmitWorkflowAsync(Caller caller, Workflow workflow, Func<WorkflowInfo, IReadOnlyList<Change>> record)
    {
        IReadOnlyList<WorkflowStep> steps = WorkflowRules.InOrder(workflow);
        Dictionary<string, int[]> indices = steps.Where(step => step.Indices is not null)
            .ToDictionary(step => step.Key, step => InStep(step, () => ArrayRules.Check(step.Indices!, step.AtOnce)));
        if (indices.Values.Sum(all => (long)all.Length) > ArrayIndices.Most)
        {
            throw RequestRefusedException.Bad($"The arrays of a workflow have together at most {ArrayIndices.Most} jobs.");
        }

        // What is too long is found now, with the longest numbers that steps before it may get.
        JobSpec[] jobs = [.. steps.Select(step => InStep(step, () => Complete(caller, Named(step) with
        {
            After = Together(step, _ => new JobId(long.MaxValue)),
        })))];
        await _dependencies.CheckAsync(caller, steps.Select(step => step.Job));
        await CheckInputsAsync(caller, jobs);
        Submission submission = NewSubmission(caller);
        var numbers = new Dictionary<string, JobId>();
        string name = workflow.Name is { } given ? $"workflow '{given}'" : "a workflow";
        foreach ((WorkflowStep step, JobSpec complete) in steps.Zip(jobs))
        {
            JobSpec job = complete with { After = Together(step, key => numbers[key]) };
            string part = $", as step '{step.Key}' of {name}";
            numbers[step.Key] = step.Indices is null
                ? submission.Add(job, part).Id
                : submission.Add(new ArraySpec { Job = job, Indices = step.Indices, AtOnce = step.AtOnce }, indices[step.Key], part).Id;
        }

        var answer = new WorkflowInfo { Steps = numbers };
        await AcceptAsync(submission, record(answer));
        return answer;
    }

    /// <summary>An array of this user.</summary>
    /// <exception cref="RequestRefusedException">There is none.</exception>
    internal async Task<ArrayInfo> FindArrayAsync(Caller caller, JobId id) =>
        await FindArrayOrNullAsync(caller, id) ?? throw RequestRefusedException.NoSuchArray(id);

    /// <summary>Waits until all jobs of an array have ended, at most so long, and returns it as it is then.</summary>
    /// <exception cref="RequestRefusedException">There is no such array of this user.</exception>
    internal async Task<ArrayInfo> WaitForArrayAsync(Caller caller, JobId id, TimeSpan time)
    {
        ArrayInfo first = await FindArrayAsync(caller, id);
        if (first.IsOver || !_arrays.TryGetValue(id, out LiveArray? array))
        {
            return first;
        }

        await CancelScope.MoveOnAfterAsync(time, array.OverAsync, $"end of array {id}");
        return array.Show();
    }

    /// <summary>Asks for the end of all jobs of an array. When this returns the request is on disk; those that have ended are not changed.</summary>
    /// <exception cref="RequestRefusedException">There is no such array of this user.</exception>
    /// <exception cref="StorageException">It could not be stored; nothing was changed.</exception>
    internal async Task<ArrayInfo> CancelArrayAsync(Caller caller, JobId id, CancelRequest request)
    {
        CancelRules.Check(request);
        if (await LiveArrayAsync(caller, id) is not { } array)
        {
            return await FindArrayAsync(caller, id);
        }

        await CancelAllAsync(array, new StopOrder(caller.User, request.Why, Grace(request, array.Job)), CancelRules.Cause(request));
        return array.Show();
    }

    /// <summary>The number of a job of an array.</summary>
    /// <exception cref="RequestRefusedException">There is no such job of this user.</exception>
    internal async Task<JobId> NumberOfAsync(Caller caller, JobRef place)
    {
        (string User, int[] Indices)? found = _arrays.TryGetValue(place.Number, out LiveArray? live) ? (live.User, live.Indices)
            : await _endedArrays.FindAsync(place.Number) is { } ended ? (ended.Array.User, ArrayRows.IndicesOf(ended.Array))
            : null;
        return found is var (user, indices) && caller.MayTouch(user) && ArrayRows.NumberOf(place.Number, indices, place.Index!.Value) is { } id
            ? id
            : throw RequestRefusedException.NoSuchJob(place);
    }

    /// <summary>What the jobs of an array wait for, and how they ended.</summary>
    /// <exception cref="RequestRefusedException">There is no such array of this user.</exception>
    internal async Task<ArrayExplanation> ExplainArrayAsync(Caller caller, JobId id)
    {
        ArrayInfo info = await FindArrayAsync(caller, id);
        IReadOnlyList<ArrayGroup> waiting = _arrays.TryGetValue(id, out LiveArray? live)
            ? ArrayExplanations.Waiting(live.Unfinished.Where(job => job.Info.State == JobState.Queued))
            : [];
        return ArrayExplanations.Of(info, waiting, await _store.ArrayEndingsAsync(id, ExamplesOfGroup));
    }

    /// <summary>Whether an array of this user has this number, which is then no job's.</summary>
    private async Task<ArrayInfo?> FindArrayOrNullAsync(Caller caller, JobId id)
    {
        ArrayInfo? found = _arrays.TryGetValue(id, out LiveArray? live) ? live.Show() : (await _endedArrays.FindAsync(id))?.Show();
        return found is not null && caller.MayTouch(found.User) ? found : null;
    }

    private static JobSpec Named(WorkflowStep step) => step.Job with { Name = step.Job.Name ?? step.Key };

    /// <summary>What a step comes after: what its job names, and the steps before it.</summary>
    private static IReadOnlyList<Dependency>? Together(WorkflowStep step, Func<string, JobId> numberOf) => step.After is { Count: > 0 } after
        ? [.. step.Job.After ?? [], .. after.Select(dependency => new Dependency(numberOf(dependency.Step), dependency.When))]
        : step.Job.After;

    private static T InStep<T>(WorkflowStep step, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (RequestRefusedException e)
        {
            throw new RequestRefusedException(e.Code, $"Step '{step.Key}': {e.Message}");
        }
    }
}
