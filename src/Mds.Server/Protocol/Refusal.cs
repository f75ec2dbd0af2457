namespace Mds.Server.Protocol;

/// <summary>A reason to refuse a request, and the page that says so.</summary>
/// <param name="Reason">The reason in one word, for metrics.</param>
/// <param name="Page">The answer.</param>
internal sealed record Refusal(string Reason, ErrorPage Page)
{
    /// <summary>It came through a proxy.</summary>
    public static readonly Refusal ForwardedFor = new("forwarded-for", ErrorPage.Forwarded);

    /// <summary><c>Metadata-Flavor: Google</c> is missing or has another value.</summary>
    public static readonly Refusal Flavor = new("flavor", ErrorPage.MissingFlavor);

    /// <summary>It names a host that is none of this server's.</summary>
    public static readonly Refusal Host = new("host", ErrorPage.OtherHost);

    /// <summary>It asks for an old version, which is switched off.</summary>
    public static readonly Refusal Legacy = new("legacy", ErrorPage.LegacyDisabled);

    /// <summary>It wants to change something that can only be read.</summary>
    public static readonly Refusal Method = new("method", ErrorPage.MethodNotAllowed);
}
