using Drover.Samples;

TextWriter console = Console.Out;

return args switch
{
    ["coffee"] => Run(() => new Coffee(console).AfternoonAsync(), Coffee.FromThreeOClock),
    ["workers"] => Run(() => Workers.RunAsync(console)),
    ["race"] => Run(() => new Race(console).RunAsync()),
    ["blocking"] => Run(() => BlockingLibrary.RunAsync(console)),
    ["pipeline"] => Run(() => Pipeline.RunAsync(console)),
    _ => Usage(),
};

static int Run(Func<Task> sample, EventLoopOptions? options = null)
{
    EventLoop.Run(sample, options);
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine(
        """
        Which sample? dotnet run --project samples/coroutines -- NAME

          coffee     an afternoon with guests, coffee and cake
          workers    ten workers that sleep a second and together take one
          race       a race, a timeout, and a clean-up that may not be canceled
          blocking   a blocking library, used unchanged, while the heart beats on
          pipeline   a two-way pipeline of generators
        """);
    return 2;
}
