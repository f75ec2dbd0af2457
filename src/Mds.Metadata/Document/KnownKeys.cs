namespace Mds.Metadata;

/// <summary>
/// Every key that Google defines, as a table: where it is, what it holds, how it is served, what it is when not set.
/// Keys that are not here are served as they are.
/// </summary>
/// <remarks>
/// Types and spellings: real recursive documents (puppet's facter fixture of 2020, listings of 2019 to 2026) and what
/// google-guest-agent decodes. Booleans are the strings TRUE and FALSE on a real server.
/// </remarks>
internal static class KnownKeys
{
    /// <summary>An account directory; <see cref="ServiceAccounts"/> completes it.</summary>
    public static readonly Shape Account = Shape.Object(
        new("aliases", Shape.List),
        // An account stands under its e-mail too.
        new("email", Shape.Name),
        new("identity", Shape.IdentityToken),
        new("scopes", Shape.List),
        new("token", Shape.AccessToken));

    private static readonly Shape NetworkInterface = Shape.Object(
        // An interface without an external address answers 200 with nothing: Google's Ops Agent gives up on a 404.
        new("access-configs", Shape.Array(Shape.Object(
            new("external-ip", Shape.Text) { Default = "\"\"" },
            new("type", Shape.Text) { Default = "\"ONE_TO_ONE_NAT\"" })))
        { Default = "[{}]" },
        new("dhcpv6-refresh", Shape.Text),
        new("dns-servers", Shape.List),
        new("forwarded-ips", Shape.Array(Shape.Text)) { Default = "[]" },
        new("forwarded-ipv6s", Shape.Array(Shape.Text)),
        new("gateway", Shape.Text),
        new("gateway-ipv6", Shape.Text),
        new("ip", Shape.Text),
        new("ip-aliases", Shape.Array(Shape.Text)) { Default = "[]" },
        new("ipv6s", Shape.List),
        new("mac", Shape.Text),
        new("mtu", Shape.Integer),
        new("network", Shape.Text),
        new("nic-type", Shape.Text),
        new("subnetmask", Shape.Text),
        new("target-instance-ips", Shape.Array(Shape.Text)) { Default = "[]" });

    private static readonly Shape VlanInterface = Shape.Object(
        new("gateway", Shape.Text),
        new("gateway-ipv6", Shape.Text),
        new("ip", Shape.Text),
        new("ipv6", Shape.List),
        new("mac", Shape.Text),
        new("mtu", Shape.Integer),
        new("parent-interface", Shape.Text),
        new("vlan", Shape.Integer));

    private static readonly Shape Instance = Shape.Object(
        new("attributes", Shape.Map(Shape.Text)) { Default = "{}" },
        new("confidentiality", Shape.Integer) { IsHidden = true },
        new("cpu-platform", Shape.Text),
        new("creation-timestamp", Shape.Integer) { IsHidden = true },
        new("credentials", Shape.Object(new KnownKey("mds-client-certificate", Shape.Json))),
        new("description", Shape.Text) { Default = "\"\"" },
        new("disks", Shape.Array(Shape.Object(
            new("device-name", Shape.Text),
            new("index", Shape.Integer),
            new("interface", Shape.Text),
            new("mode", Shape.Text),
            new("type", Shape.Text)))),
        // Listed on every machine of 2026; 412 before the first valid configuration (google-guest-agent).
        new("gce-workload-certificates", Shape.Object(
            new("config-status", Shape.Json) { Unset = UnsetKey.NotConfigured },
            new("trust-anchors", Shape.Json) { Unset = UnsetKey.NotConfigured },
            new("workload-identities", Shape.Json) { Unset = UnsetKey.NotConfigured }))
        { Unset = UnsetKey.Directory },
        new("guest-attributes", Shape.Map(Shape.Map(Shape.Text))) { Default = "{}" },
        new("hostname", Shape.Text),
        new("id", Shape.IntegerOrText),
        // These two levels keep their dashes in JSON (google-guest-agent decodes them so).
        new("identity-configuration", Shape.Object(new KnownKey("identity-uuid", Shape.Text) { Json = "identity-uuid" }))
        { Json = "identity-configuration" },
        new("image", Shape.Text),
        new("licenses", Shape.Array(Shape.Object(new KnownKey("id", Shape.Text)))),
        new("machine-type", Shape.Text),
        new("maintenance-event", Shape.Text) { Default = "\"NONE\"" },
        new("name", Shape.Text),
        new("network-interfaces", Shape.Array(NetworkInterface)),
        new("partner-attributes", Shape.Map(Shape.AnyVerbatim)),
        new("platform-security", Shape.Object(new KnownKey("auto-mtls-configuration", Shape.Json))),
        new("preempted", Shape.Text) { Default = "\"FALSE\"" },
        new("region", Shape.Text),
        new("remaining-cpu-time", Shape.Integer),
        new("scheduling", Shape.Object(
            new("automatic-restart", Shape.Text),
            new("on-host-maintenance", Shape.Text),
            new("preemptible", Shape.Text))),
        new("service-accounts", Shape.Map(Account, "{account}")) { Default = "{}" },
        new("shutdown-details", Shape.Object(
            new("max-duration", Shape.Any),
            new("request-timestamp", Shape.Text),
            new("stop-state", Shape.Text),
            new("target-state", Shape.Text))),
        new("tags", Shape.JsonList) { Default = "[]" },
        // Nothing planned: { } with alt=json (docs: host maintenance), NONE as text (observed 2025-06).
        new("upcoming-maintenance", Shape.Json) { Unset = UnsetKey.Leaf("NONE", "{}") },
        new("virtual-clock", Shape.Object(new KnownKey("drift-token", Shape.Text))),
        new("vlan-network-interfaces", Shape.Map(Shape.Map(VlanInterface))),
        new("zone", Shape.Text));

    private static readonly Shape Project = Shape.Object(
        new("attributes", Shape.Map(Shape.Text)) { Default = "{}" },
        new("numeric-project-id", Shape.Integer),
        new("project-id", Shape.Text));

    // What guest-oslogin decodes; the lists are answered by query and left out of recursion.
    private static readonly Shape OsLogin = Shape.Object(
        new("authenticate", Shape.Any) { Default = """{"sessions":{}}""" },
        new("authorize", Shape.Map(Shape.List)),
        new("challenges", Shape.Map(Shape.Array(Shape.Object(
            new("challenge-type", Shape.Text),
            new("credential", Shape.Text))))),
        new("groups", Shape.Array(Shape.Object(
            new("gid", Shape.IntegerOrText),
            new("members", Shape.List),
            new("name", Shape.Text)))),
        new("users", Shape.Array(Shape.Object(
            new("name", Shape.Text),
            new("posix-accounts", Shape.Array(Shape.Object(
                new("gid", Shape.IntegerOrText),
                new("uid", Shape.IntegerOrText),
                new("username", Shape.Text))))))));

    private static readonly Shape Universe = Shape.Object(
        // golang.org/x/oauth2 asks for the underscore spelling, everybody else for the dash.
        new KnownKey("universe-domain", Shape.HostName)
        {
            Json = "universe-domain",
            Alias = "universe_domain",
            Default = "\"googleapis.com\"",
        });

    /// <summary>The directory <c>/computeMetadata/v1/</c>.</summary>
    public static readonly Shape V1 = Shape.Object(
        new("instance", Instance) { Default = "{}" },
        new("oslogin", OsLogin) { Default = "{}" },
        new("project", Project) { Default = "{}" },
        new("universe", Universe) { Default = "{}" });
}
