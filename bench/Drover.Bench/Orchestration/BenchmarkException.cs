namespace Drover.Bench.Orchestration;

/// <summary>A peer or the load generator did not do what it was asked; the message says what happened.</summary>
internal sealed class BenchmarkException : Exception
{
    public BenchmarkException(string message)
        : base(message)
    {
    }

    public BenchmarkException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public BenchmarkException()
    {
    }
}
