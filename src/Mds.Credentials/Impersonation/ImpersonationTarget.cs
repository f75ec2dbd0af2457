namespace Mds.Credentials;

/// <summary>Whose tokens are wanted, and how they are asked for.</summary>
/// <param name="Principal">The service account's e-mail address.</param>
/// <param name="Delegates">
/// The chain between the source and the target: the source may make tokens of the first, each of the next, the last of
/// the target.
/// </param>
/// <param name="Lifetime">How long an access token is to live. Beyond an hour, an organization policy has to allow it.</param>
public sealed record ImpersonationTarget(string Principal, IReadOnlyList<string> Delegates, TimeSpan Lifetime)
{
    /// <summary>How long Google's tokens live unless told otherwise.</summary>
    public static TimeSpan DefaultLifetime { get; } = TimeSpan.FromHours(1);

    /// <summary>A target without delegates.</summary>
    /// <param name="principal">The service account's e-mail address.</param>
    public ImpersonationTarget(string principal)
        : this(principal, [], DefaultLifetime)
    {
    }
}
