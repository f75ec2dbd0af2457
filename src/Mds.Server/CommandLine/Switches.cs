using Mds.Server.Listeners;

namespace Mds.Server.CommandLine;

/// <summary>
/// Every switch there is. The parser, <c>--help</c>, the keys of the settings file and the table in docs/server.md all
/// come from this list. The names that the reference emulator has (salrashid123/gce_metadata_server, cmd/main.go) keep
/// its spelling and its defaults.
/// </summary>
internal static class Switches
{
    private const string Claims = "What is served";
    private const string Tokens = "Tokens";
    private const string Listening = "Where metadata is served";
    private const string Admin = "Health, metrics, the local issuer's keys and the admin API";
    private const string CloudRun = "The Cloud Run emulator's (each means -flavor cloudrun)";
    private const string General = "General";

    /// <summary>All switches, in the order of <c>--help</c>.</summary>
    public static IReadOnlyList<Switch> All { get; } =
    [
        new("configFile", Claims, "FILE", "the claims document (JSON); reloaded when it changes", "a built-in sample"),
        new("claimsUpstream", Claims, "HOST", "another metadata server, over whose claims that document is laid"),
        new("gcloudProjectAttributes", Claims, null, "lay it over id, number and attributes of gcloud's project", "false"),
        new("flavor", Claims, "FLAVOR", "whose metadata server to be like: gce, cloudrun or gke", "gce"),

        new("interface", Listening, "ADDRESS", "the address to listen on; * for every IPv4 and IPv6 address", "127.0.0.1"),
        new("port", Listening, ":PORT", "the port to listen on; 0 takes a free one", ":8080"),
        new("domainsocket", Listening, "PATH", "listen on a Unix socket; on a port as well only if -interface or -port is given"),
        new("domainsocketMode", Listening, "MODE", "who may connect to it, as a file mode", "600"),
        new("usemTLS", Listening, null, "speak TLS on the port, and answer only clients with a certificate", "false"),
        new("rootCAmTLS", Listening, "FILE", "the root certificates of those clients (PEM); reloaded", TlsSettings.DefaultClientAuthoritiesFile),
        new("serverCert", Listening, "FILE", "the server's certificate and its chain (PEM); reloaded", TlsSettings.DefaultCertificateFile),
        new("serverKey", Listening, "FILE", "that certificate's key (PEM); reloaded", TlsSettings.DefaultKeyFile),
        new("allowedHosts", Listening, "HOSTS", "answer only requests for these hosts, commas between", "every host"),

        new("serviceAccountFile", Tokens, "FILE", "a service account's JSON key; reloaded when it changes"),
        new("useOauthToken", Tokens, null, "ask Google for access tokens; =false signs with the key", "true; -tpm: false"),
        new("impersonate", Tokens, "[EMAIL]", "tokens of this account by application default credentials", "the claims'"),
        new("delegates", Tokens, "EMAILS", "the chain of accounts to that one, commas between"),
        new("lifetimeSeconds", Tokens, "SECONDS", "how long impersonation's access tokens live", "3600"),
        new("federate", Tokens, "[FILE]", "federation by this file", "GOOGLE_APPLICATION_CREDENTIALS"),
        new("allowExecutables", Tokens, null, "let that file name a program to run", "false"),
        new("gcloud", Tokens, "[CONFIGURATION]", "the tokens of whoever is logged in to gcloud here", "the active configuration"),
        new("upstream", Tokens, "HOST", "the tokens of another metadata server, whose host or host:port this is"),
        new("tpm", Tokens, null, "sign with a key that is inside a TPM 2.0"),
        new("tpm-path", Tokens, "TPM", "where that is: a device, unix:SOCKET or HOST:PORT", "/dev/tpmrm0"),
        new("persistentHandle", Tokens, "HANDLE", "the key's handle in the TPM, as in 0x81010002"),
        new("keyfile", Tokens, "FILE", "or the key's file (TSS2 PRIVATE KEY); reloaded"),
        new("keyPass", Tokens, "PASSWORD", "its password; rather give -keyPassFile, or the variable MDS_keyPass"),
        new("keyPassFile", Tokens, "FILE", "a file that holds it; reloaded"),
        new("parentPass", Tokens, "PASSWORD", "its parent's or the endorsement hierarchy's; rather -parentPassFile"),
        new("parentPassFile", Tokens, "FILE", "a file that holds it; reloaded"),
        new("pcrs", Tokens, "NUMBERS", "the PCRs that the key is bound to, commas between"),
        new("useEKParent", Tokens, null, "the key was duplicated to the endorsement key", "false"),
        new("tpm-session-encrypt-with-name", Tokens, "NAME", "encrypt for the endorsement key of this name, and refuse others"),
        new("keyId", Tokens, "ID", "the id that Google gave the key in the TPM, for JWTs to name it"),
        new("local", Tokens, null, "make tokens here, with an issuer of our own, without asking Google"),
        new("localIssuer", Tokens, "URL", "the issuer named in those tokens", "the issuer listener's address"),
        new("localKeyFile", Tokens, "FILE", "the RSA key (PEM) that signs those tokens", "a key made at start"),
        new("issuerInterface", Tokens, "ADDRESS", "the address of the issuer listener; * for every address", "127.0.0.1"),
        new("issuerPort", Tokens, ":PORT", "open a listener for what verifies those tokens; 0 takes a free port", "closed"),
        new("issuerServerCert", Tokens, "FILE", "TLS on it: the certificate and its chain (PEM); reloaded", "none"),
        new("issuerServerKey", Tokens, "FILE", "that certificate's key (PEM); reloaded"),
        new("startDegraded", Tokens, null, "start even if a file cannot be used, and answer 503 until it can", "false"),
        new("prefetch", Tokens, null, "ask for each account's token at start; =ready: be ready after that", "true"),

        new("metricsEnabled", Admin, null, "open the admin listener; -metricsPort opens it as well", "false"),
        new("metricsInterface", Admin, "ADDRESS", "the address of the admin listener; * for every address", "127.0.0.1"),
        new("metricsPort", Admin, ":PORT", "the port of the admin listener; 0 takes a free one", ":9000"),
        new("metricsPath", Admin, "PATH", "the path of the metrics", "/metrics"),
        new("adminApi", Admin, null, "let tests change claims, raise events, inject faults", "true on loopback"),

        new("listen-address", CloudRun, "ADDRESS:PORT", "for -interface and -port"),
        new("metadata", CloudRun, "FILE", "for -configFile"),
        new("service-account", CloudRun, "EMAIL", "the account that tokens stand for"),

        new("settings", General, "FILE", "a settings file, in JSON, whose keys are these names"),
        new("shutdownDelaySeconds", General, "SECONDS", "how long to go on serving after being told to stop", "0"),
        new("logFormat", General, "FORMAT", "text, json, or auto: text on a terminal and json elsewhere", "auto"),
        new("accessLog", General, "WHERE", "a JSON line for each request: to stdout, to stderr, or off", "off"),
        new("logLevel", General, "LEVEL", "debug, information, warning, error or none", "information"),
    ];

    /// <summary>The switch with this name, in exactly this case; <see langword="null"/> when there is none.</summary>
    /// <param name="name">The name without dashes.</param>
    public static Switch? Find(string name) => All.FirstOrDefault(known => known.Name == name);
}
