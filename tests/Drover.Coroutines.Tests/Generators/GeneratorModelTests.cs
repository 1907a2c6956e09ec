namespace Drover.Coroutines.Tests.Generators;

public sealed class GeneratorModelTests
{
    private const int Seeds = 2_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Random_bodies_driven_by_random_verbs_do_what_the_model_says(bool delegating)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            var random = new Random(seed);
            Script script = Script.Random(random, levels: 3);
            List<Verb> verbs = RandomVerbs(random);
            List<string> expected = [$"seed {seed}"];
            List<string> actual = [$"seed {seed}"];

            new GeneratorModel(verbs, expected).Run(script);
            await DriveAsync(
                new Generator<int, int, int>(y => BodyAsync(y, script, delegating, actual)), verbs, actual);

            Assert.Equal(expected, actual);
        }
    }

    /// <summary>Mostly starts properly; always ends with a close that nothing in a script can survive.</summary>
    private static List<Verb> RandomVerbs(Random random)
    {
        List<Verb> verbs = random.Next(10) == 0 ? [] : [new Verb.Next()];
        for (int i = random.Next(12); i > 0; i--)
        {
            verbs.Add(random.Next(12) switch
            {
                < 7 => new Verb.Send(random.Next(1, 10)),
                < 9 => new Verb.Next(),
                < 11 => new Verb.Throw($"thrown {random.Next(100)}"),
                _ => new Verb.Close(),
            });
        }

        verbs.Add(new Verb.Close());
        return verbs;
    }

    private static async Task DriveAsync(Generator<int, int, int> generator, List<Verb> verbs, List<string> log)
    {
        foreach (Verb verb in verbs)
        {
            try
            {
                GeneratorStep<int, int> step = await (verb switch
                {
                    Verb.Send(int value) => generator.SendAsync(value),
                    Verb.Throw(string message) => generator.ThrowAsync(new ScriptedException(message)),
                    Verb.Close => generator.CloseAsync(),
                    _ => generator.NextAsync(),
                });
                log.Add(step switch
                {
                    (GeneratorStepKind.Yielded, int value, _) => $"yielded {value}",
                    (GeneratorStepKind.Returned, _, int result) => $"returned {result}",
                    _ => "ended",
                });
            }
            catch (ScriptedException thrown)
            {
                log.Add($"threw {thrown.Message}");
            }
            catch (InvalidOperationException)
            {
                log.Add("refused");
            }
        }
    }

    private static async Task<int> BodyAsync(Yielder<int, int> y, Script script, bool delegating, List<string> log)
    {
        Task<int> InPlaceAsync(Script other) => BodyAsync(y, other, delegating, log);
        int sum = 0;
        foreach (Script.Act act in script.Acts)
        {
            switch (act)
            {
                case Script.Yield(int value):
                    int sent = await y.YieldAsync(value + sum);
                    log.Add($"got {sent}");
                    sum += sent;
                    break;
                case Script.Pause:
                    await Task.Yield();
                    break;
                case Script.Call(Script inner) when delegating:
                    sum += await y.DelegateAsync(
                        new Generator<int, int, int>(its => BodyAsync(its, inner, delegating, log)));
                    break;
                case Script.Call(Script inner):
                    sum += await InPlaceAsync(inner);
                    break;
                case Script.Fail(string message):
                    throw new ScriptedException(message);
                case Script.Guard guard:
                    try
                    {
                        sum += await InPlaceAsync(guard.Guarded);
                    }
                    catch (ScriptedException thrown) when (guard.Handler is not null)
                    {
                        log.Add($"{guard.Name} caught {thrown.Message}");
                        sum += await InPlaceAsync(guard.Handler);
                    }
                    finally
                    {
                        await Task.Yield();
                        log.Add($"{guard.Name} finally");
                    }

                    break;
            }
        }

        return sum;
    }
}
