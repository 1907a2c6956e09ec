using Drover.Agent.Keeper;

namespace Drover.Agent.Drivers.Process;

/// <summary>What this machine has for jobs.</summary>
internal static class Machine
{
    /// <summary>Its processors, as far as this process may use them, its memory, and the limits that can be kept.</summary>
    internal static SiteResources Resources() =>
        new(Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, MemoryGroups.Find() is null ? ["time"] : ["time", "memory"]);
}
