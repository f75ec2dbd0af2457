using System.Collections.Concurrent;
using Mds.Operator.Emulators;
using Microsoft.Extensions.Logging;

namespace Mds.Operator.Tests.Cluster;

/// <summary>The lines of the operator's log about what it applied, which is how often it did.</summary>
internal sealed class AppliedLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    /// <summary>Those about a namespace.</summary>
    public IReadOnlyList<string> Of(string @namespace) =>
        [.. _lines.Where(line => line.Contains($" {@namespace}/", StringComparison.Ordinal))];

    /// <summary>Takes part in logging, whatever the least important lines are for others.</summary>
    public void AddTo(ILoggingBuilder logging) =>
        logging.AddProvider(this).AddFilter<AppliedLines>(typeof(EmulatorObjects).FullName, LogLevel.Information);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (formatter(state, exception) is var line && line.StartsWith("Applied ", StringComparison.Ordinal))
        {
            _lines.Enqueue(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
