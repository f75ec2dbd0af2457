using Mds.Operator.Telemetry;

namespace Mds.Operator.Admission;

/// <summary>
/// Keeps the webhook answering for a while after the process was told to end. Kubernetes says so and takes the pod out
/// of the Service at the same moment, and the nodes learn of the latter a little later; a pod created in between must
/// not be refused because nobody listens. A <c>preStop</c> hook that sleeps would need a program in the image to do it.
/// </summary>
internal sealed class ShutdownDelay(OperatorOptions options, TimeProvider time) : IHostedLifecycleService, IReadiness
{
    private volatile bool _started;

    /// <summary>Whether the process was told to end.</summary>
    public bool Started => _started;

    /// <inheritdoc/>
    public string? NotReadyBecause => Started ? "The operator is shutting down." : null;

    /// <summary>Runs before any other part of the host stops, the web server included.</summary>
    /// <param name="cancellationToken">The host's patience.</param>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _started = true;
        await Task.Delay(options.ShutdownDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
