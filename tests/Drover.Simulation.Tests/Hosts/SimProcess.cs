using Drover.Agent.Drivers;

namespace Drover.Simulation.Tests.Hosts;

/// <summary>
/// What a host has of an attempt: the record, and the process while it runs. What the job would do by itself is drawn
/// from its number, so that it does the same in each attempt to shorten a failure.
/// </summary>
internal sealed class SimProcess
{
    private readonly World _world;
    private readonly Host _host;
    private readonly RunOrder? _order;
    private readonly Event _hurried = new("a worse moment to end");
    private SimOutput? _output;
    private StopOrder? _stop;
    private CancelScope? _life;

    internal SimProcess(World world, Host host, string user, AttemptId attempt, RunOrder? order)
    {
        (_world, _host, User, Attempt, _order) = (world, host, user, attempt, order);
        Record = new AttemptRecord { Attempt = attempt, RunDirectory = order?.RunDirectory ?? "" };
    }

    internal AttemptId Attempt { get; }

    internal string User { get; }

    internal RunOrder? Order => _order;

    internal AttemptRecord Record { get; private set; }

    internal bool IsRunning { get; private set; }

    /// <summary>Set when the record has an end.</summary>
    internal Event Ended { get; } = new("end of a process");

    /// <summary>Set when the record says that it runs, or was not started.</summary>
    internal Event Begun { get; } = new("start of a process");

    /// <summary>Starts it. The record has been there before.</summary>
    internal void Start()
    {
        if (Record.End is not null)
        {
            return; // Canceled, or the machine died, between the record and the start.
        }

        JobBehaviour behaviour = JobBehaviour.Of(_order!.Spec);
        if (behaviour.CannotStart)
        {
            End(new Ending.LaunchFailed(LaunchFailure.NoSuchProgram, "There is no such program"));
            Begun.Set();
            return;
        }

        IsRunning = true;
        _output = _host.Begin(this);
        Record = Record with { ProcessId = _host.NextProcess(), StartedAt = _host.Now };
        _world.Truth.Started(this);
        _world.Group.Start(() => RunAsync(behaviour), $"process of {Attempt}");
        Begun.Set();
    }

    /// <summary>Asks it to stop; without a process, makes sure that none is started.</summary>
    internal void Stop(StopOrder order)
    {
        if (Record.End is not null || _stop is not null)
        {
            return;
        }

        if (_world.Happens(0.1))
        {
            Hurry(); // It was about to end anyway.
        }

        _stop = order;
        if (IsRunning)
        {
            _life?.Cancel("stopped");
        }
        else
        {
            End(new Ending.Canceled(order.By, order.Why));
            Begun.Set();
        }
    }

    /// <summary>It ends by itself, as it would later, at just this moment.</summary>
    internal void Hurry() => _hurried.Set();

    internal void HostDied()
    {
        if (Record.End is null)
        {
            _stop ??= new StopOrder("the machine", null, 0);
            IsRunning = false;
            End(new Ending.Lost("the machine was restarted while it ran"));
            _life?.Cancel("the machine died");
            Begun.Set();
        }
    }

    private async Task RunAsync(JobBehaviour behaviour)
    {
        Outcome ran = await CancelScope.RunAsync(
            async scope =>
            {
                _life = scope;
                if (_stop is not null)
                {
                    scope.Cancel("stopped");
                }

                await CancelScope.MoveOnAfterAsync(behaviour.RunTime, async () => await _hurried.WaitAsync("its own end"));
            },
            name: $"process of {Attempt}");
        _life = null;
        if (ran.IsCanceled && Record.End is null)
        {
            TimeSpan grace = behaviour.IgnoresTerm ? TimeSpan.FromSeconds(_stop!.GraceSeconds) : _world.Between(0.0001, 0.1);
            await Coroutine.SleepAsync(grace, "its end after a signal");
        }

        if (Record.End is null)
        {
            IsRunning = false;
            End(ran.IsCanceled ? new Ending.Canceled(_stop!.By, _stop.Why) : behaviour.Ending);
        }
    }

    private void End(Ending ending)
    {
        _output?.End();
        Record = Record with { End = new AttemptEnd { Ending = ending, At = _host.Now, Evidence = "the simulated keeper saw it" } };
        _world.Truth.Ended(this, ending);
        Ended.Set();
    }
}
