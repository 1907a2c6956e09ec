// The console is one for all.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
