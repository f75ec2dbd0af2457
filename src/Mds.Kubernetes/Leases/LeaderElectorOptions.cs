namespace Mds.Kubernetes;

/// <summary>Which lease is competed for, as whom, and how fast. The defaults are client-go's.</summary>
public sealed record LeaderElectorOptions
{
    /// <summary>The lease's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The lease's name.</summary>
    public required string Name { get; init; }

    /// <summary>What tells this candidate from the others, such as the pod's name.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others wait after the last renewal they saw before they take the lease.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader tries to renew before it stops leading. Shorter than <see cref="LeaseDuration"/>.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause between two attempts. Shorter than <see cref="RenewDeadline"/>.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
