// Every test starts servers, agents and jobs, so two at a time are what two processors can carry.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
