using System.Globalization;
using Drover.Samples;

TextWriter console = Console.Out;

return args switch
{
    ["coffee"] => Run(() => new Coffee(console).AfternoonAsync(), Coffee.FromThreeOClock),
    ["workers"] => Run(() => Workers.RunAsync(console)),
    ["race"] => Run(() => new Race(console).RunAsync()),
    ["blocking"] => Run(() => BlockingLibrary.RunAsync(console)),
    ["pipeline"] => Run(() => Pipeline.RunAsync(console)),
    ["echo"] => Run(() => Echo.RunAsync(connections: 10_000, console)),
    ["echo", var connections] => Run(() => Echo.RunAsync(Number(connections), console)),
    ["echo-client", var port, var connections] => Run(() => new EchoClient(Number(port), Number(connections), console).RunAsync()),
    ["roll-call"] => Run(() => RollCall.RunAsync(console)),
    ["roll-call", var file, var port] => Run(() => RollCall.ServeAsync(file, Number(port), console)),
    ["terminal"] => EventLoop.Run(() => new Terminal(Console.In, console, steps: 200).RunAsync()),
    ["terminal", var steps] => EventLoop.Run(() => new Terminal(Console.In, console, Number(steps)).RunAsync()),
    _ => Usage(),
};

static int Run(Func<Task> sample, EventLoopOptions? options = null)
{
    EventLoop.Run(sample, options);
    return 0;
}

static int Number(string argument) => int.Parse(argument, CultureInfo.InvariantCulture);

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
          echo       an echo server with 10,000 open connections [COUNT]
          roll-call  three servers find out which line of their common file they are [FILE PORT]
          terminal   a progress line and a beep while you type [STEPS]
        """);
    return 2;
}
