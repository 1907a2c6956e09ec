namespace Drover.Coroutines;

internal static class Placeholder;
