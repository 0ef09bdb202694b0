namespace Bench.Net;

/// <summary>The run cannot go on, or its figures would mean nothing; the message says why in a line.</summary>
internal sealed class BenchException(string message) : Exception(message);
