namespace Drover.Bench.Orchestration;

internal static class Quantile
{
    /// <summary>The value below which the given part of the samples lies. Sorts the samples.</summary>
    public static double Of(double[] samples, double part)
    {
        Array.Sort(samples);
        return samples[(int)(part * samples.Length)];
    }
}
