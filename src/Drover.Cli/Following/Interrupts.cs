using System.Runtime.InteropServices;

namespace Drover.Cli.Following;

/// <summary>Ctrl-C, counted. Until somebody listens it ends the program, as ever.</summary>
internal sealed class Interrupts
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _second = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the first one.</summary>
    public Task First => _first.Task;

    /// <summary>Completes with the second one.</summary>
    public Task Second => _second.Task;

    /// <summary>Counts SIGINT and SIGTERM until disposed. SIGHUP still ends the program: the terminal is gone, the job goes on.</summary>
    public IDisposable Listen()
    {
        PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        return new Registrations(interrupt, terminate);
    }

    /// <summary>As if Ctrl-C had been typed.</summary>
    public void Interrupt()
    {
        if (!_first.TrySetResult())
        {
            _second.TrySetResult();
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Interrupt();
    }

    private sealed class Registrations(params PosixSignalRegistration[] registrations) : IDisposable
    {
        public void Dispose() => Array.ForEach(registrations, r => r.Dispose());
    }
}
