namespace Drover.Server.Supervision;

/// <summary>What can be submitted as a workflow. Everything else is refused with a sentence. Pure.</summary>
internal static class WorkflowRules
{
    private const int MostSteps = 1000;
    private const int MostKeyLength = 200;

    /// <summary>The steps in an order in which each comes after those that it depends on; otherwise as they were given.</summary>
    /// <exception cref="RequestRefusedException">There is no such order, or the workflow makes no sense.</exception>
    internal static IReadOnlyList<WorkflowStep> InOrder(Workflow workflow)
    {
        Dictionary<string, WorkflowStep> steps = ByKey(workflow.Steps);
        if (workflow.Name?.Length > MostKeyLength)
        {
            throw RequestRefusedException.Bad($"The name of a workflow has at most {MostKeyLength} characters.");
        }

        foreach (WorkflowStep step in workflow.Steps)
        {
            foreach (StepDependency dependency in step.After ?? [])
            {
                if (dependency?.Step is not { } other || !steps.ContainsKey(other))
                {
                    throw RequestRefusedException.Bad($"Step '{step.Key}' comes after '{dependency?.Step}', which is no step of this workflow.");
                }

                if (other == step.Key)
                {
                    throw RequestRefusedException.Bad($"Step '{step.Key}' comes after itself.");
                }
            }
        }

        return new Order(steps).Of(workflow.Steps);
    }

    private static Dictionary<string, WorkflowStep> ByKey(IReadOnlyList<WorkflowStep> steps)
    {
        if (steps.Count is < 1 or > MostSteps)
        {
            throw RequestRefusedException.Bad($"A workflow has 1 to {MostSteps} steps; this one has {steps.Count}.");
        }

        var known = new Dictionary<string, WorkflowStep>();
        foreach (WorkflowStep step in steps)
        {
            string fault = step is null ? "A step of the workflow is null."
                : string.IsNullOrWhiteSpace(step.Key) ? "A step of the workflow has an empty key."
                : step.Key.Length > MostKeyLength ? $"The key of a step has at most {MostKeyLength} characters, unlike '{step.Key[..40]}…'."
                : step.Key.Contains('\0') ? "The key of a step contains a null character."
                : !known.TryAdd(step.Key, step) ? $"Two steps have the key '{step.Key}'."
                : step.Indices is null && step.AtOnce is not null ? $"Step '{step.Key}' is no array: it has no indices, so nothing of it runs at once."
                : "";
            if (fault.Length > 0)
            {
                throw RequestRefusedException.Bad(fault);
            }
        }

        return known;
    }

    /// <summary>Goes from each step to those before it, and knows where it came from. Without recursion: a chain may be long.</summary>
    private sealed class Order(Dictionary<string, WorkflowStep> steps)
    {
        private readonly List<WorkflowStep> _order = new(steps.Count);
        private readonly HashSet<string> _done = [];
        private readonly List<(WorkflowStep Step, int Next)> _path = [];
        private readonly HashSet<string> _onPath = [];

        internal List<WorkflowStep> Of(IReadOnlyList<WorkflowStep> all)
        {
            foreach (WorkflowStep step in all)
            {
                Enter(step);
                while (_path.Count > 0)
                {
                    Advance();
                }
            }

            return _order;
        }

        private void Advance()
        {
            (WorkflowStep step, int next) = _path[^1];
            if (step.After is { } after && next < after.Count)
            {
                _path[^1] = (step, next + 1);
                Enter(steps[after[next].Step]);
                return;
            }

            _path.RemoveAt(_path.Count - 1);
            _onPath.Remove(step.Key);
            _done.Add(step.Key);
            _order.Add(step);
        }

        private void Enter(WorkflowStep step)
        {
            if (_done.Contains(step.Key))
            {
                return;
            }

            if (!_onPath.Add(step.Key))
            {
                throw RequestRefusedException.Bad($"The steps go in a circle: {Circle(step.Key)}.");
            }

            _path.Add((step, 0));
        }

        /// <summary><c>'a' comes after 'b', which comes after 'a'</c>; of a long one both ends.</summary>
        private string Circle(string key)
        {
            string[] round = [.. _path.Select(place => place.Step.Key).SkipWhile(other => other != key).Select(other => $"'{other}'"), $"'{key}'"];
            string[] shown = round.Length <= 12 ? round : [.. round[..6], $"… {round.Length - 11} more …", .. round[^5..]];
            return $"{shown[0]} comes after {string.Join(", which comes after ", shown[1..])}";
        }
    }
}
