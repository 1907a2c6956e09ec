namespace Drover.Coroutines.Tests.Generators;

/// <summary>
/// What a generator means, without a coroutine: the driver's verbs are known beforehand, so the body is an
/// ordinary recursive method whose yield logs the step, takes the next verb and returns or throws.
/// Delegating does not show, which is what PEP 380 says of it.
/// </summary>
internal sealed class GeneratorModel(IReadOnlyList<Verb> verbs, List<string> log)
{
    private int _next;

    public void Run(Script script)
    {
        string? end = null;
        while (_next < verbs.Count)
        {
            switch (verbs[_next++])
            {
                case Verb.Next when end is null:
                    end = "ended";
                    log.Add(LastStep(script));
                    break;
                case Verb.Send when end is null:
                    log.Add("refused");
                    break;
                case Verb.Throw(string message):
                    end = "ended";
                    log.Add($"threw {message}");
                    break;
                default:
                    end = "ended";
                    log.Add(end);
                    break;
            }
        }
    }

    private string LastStep(Script script)
    {
        try
        {
            return $"returned {Body(script)}";
        }
        catch (ScriptedException thrown)
        {
            return $"threw {thrown.Message}";
        }
        catch (Closed)
        {
            return "ended";
        }
    }

    private int Yield(int value)
    {
        log.Add($"yielded {value}");
        switch (verbs[_next++])
        {
            case Verb.Send(int sent):
                return sent;
            case Verb.Throw(string message):
                throw new ScriptedException(message);
            case Verb.Close:
                throw new Closed();
            default:
                return 0;
        }
    }

    private int Body(Script script)
    {
        int sum = 0;
        foreach (Script.Act act in script.Acts)
        {
            switch (act)
            {
                case Script.Yield(int value):
                    int sent = Yield(value + sum);
                    log.Add($"got {sent}");
                    sum += sent;
                    break;
                case Script.Call(Script inner):
                    sum += Body(inner);
                    break;
                case Script.Fail(string message):
                    throw new ScriptedException(message);
                case Script.Guard guard:
                    try
                    {
                        sum += Body(guard.Guarded);
                    }
                    catch (ScriptedException thrown) when (guard.Handler is not null)
                    {
                        log.Add($"{guard.Name} caught {thrown.Message}");
                        sum += Body(guard.Handler);
                    }
                    finally
                    {
                        log.Add($"{guard.Name} finally");
                    }

                    break;
            }
        }

        return sum;
    }

    private sealed class Closed : Exception;
}
