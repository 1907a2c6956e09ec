// One at a time: each starts servers, agents and many jobs.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
