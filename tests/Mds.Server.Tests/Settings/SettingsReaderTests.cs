using System.Net;
using Mds.Metadata;
using Mds.Server.CommandLine;
using Mds.Server.CredentialKinds;
using Mds.Server.Listeners;
using Mds.Server.Settings;
using Mds.Server.Telemetry;
using Mds.Server.Tests.Hosting;
using Microsoft.Extensions.Logging;

namespace Mds.Server.Tests.Settings;

public sealed class SettingsReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_Nothing_IsTheReferenceEmulatorsDefaults()
    {
        var settings = Read();

        Assert.Null(settings.ConfigFile);
        Assert.Equal((IPAddress.Loopback, 8080), (settings.Metadata.Tcp!.Interface, settings.Metadata.Tcp!.Port));
        Assert.Null(settings.Admin);
        Assert.Null(settings.Issuer);
        Assert.Empty(settings.Credentials);
        Assert.False(settings.StartDegraded);
        Assert.Equal(Prefetch.Background, settings.Prefetch);
        Assert.Equal(TimeSpan.Zero, settings.ShutdownDelay);
        Assert.Equal((LogFormat.Auto, LogLevel.Information), (settings.LogFormat, settings.LogLevel));
    }

    // The document that the operator writes.
    [Fact]
    public void Read_SettingsFile_IsUnderstood()
    {
        var file = _folder.Write("settings.json", """
            {
              // comments are allowed
              "configFile": "/etc/mds/claims/claims.json",
              "interface": "*", "port": ":16175", "flavor": "GCE",
              "metricsEnabled": true, "metricsInterface": "*", "metricsPort": ":16176", "metricsPath": "/metrics",
              "issuerInterface": "*", "issuerPort": ":16177",
              "startDegraded": true, "prefetch": false, "shutdownDelaySeconds": 5,
              "credentials": [
                {"account": "default", "serviceAccountKey": {"file": "/etc/mds/credentials/0/key.json"}},
                {"account": "x@p.iam.gserviceaccount.com", "local": {"issuer": "http://issuer", "keyFile": "/k.pem"}},
                {"account": "y@p.iam.gserviceaccount.com", "local": {}},
                {"account": "z@p.iam.gserviceaccount.com", "static": {"accessToken": "a", "identityToken": "i"}},
                {"account": "k@p", "serviceAccountKey": {"file": "/k.json", "useOauthToken": false}},
                {"account": "m@p", "impersonation": {"targetPrincipal": "t@p", "delegates": ["d@p", "e@p"], "lifetimeSeconds": 600, "sourceFile": "/s.json"}},
                {"account": "n@p", "impersonation": {"sourceFile": "/s.json"}},
                {"account": "f@p", "static": {"accessTokenFile": "/a", "identityTokenFile": "/i"}},
                {"account": "u@p", "upstream": {"address": "10.0.0.1:8080"}},
                {"account": "x@p", "upstream": {"address": "metadata", "account": "default"}},
                {"account": "w@p", "workloadIdentity": {"file": "/w.json", "allowExecutables": true}},
                {"account": "v@p", "workloadIdentity": {"provider": "projects/1/locations/global/workloadIdentityPools/pool/providers/p", "impersonate": "t@p", "tokenFile": "/token"}}
              ]
            }
            """);

        var settings = Read(["settings", file]);

        Assert.Equal("/etc/mds/claims/claims.json", settings.ConfigFile);
        Assert.Equal((null, 16175), (settings.Metadata.Tcp!.Interface, settings.Metadata.Tcp!.Port));
        Assert.Equal((null, 16176, "/metrics"), (settings.Admin!.Listener.Interface, settings.Admin.Listener.Port, settings.Admin.MetricsPath));
        Assert.Equal((null, 16177), (settings.Issuer!.Interface, settings.Issuer.Port));
        Assert.True(settings.StartDegraded);
        Assert.Equal(Prefetch.Off, settings.Prefetch);
        Assert.Equal(TimeSpan.FromSeconds(5), settings.ShutdownDelay);
        Assert.Equal(
            [
                new ServiceAccountKeySettings("default", "/etc/mds/credentials/0/key.json"),
                new LocalSettings("x@p.iam.gserviceaccount.com", "http://issuer", "/k.pem"),
                new LocalSettings("y@p.iam.gserviceaccount.com"),
                new StaticSettings("z@p.iam.gserviceaccount.com", "a", "i"),
                new ServiceAccountKeySettings("k@p", "/k.json", UseOauthToken: false),
                new ImpersonationSettings("m@p", "t@p", "/s.json") { Delegates = ["d@p", "e@p"], Lifetime = TimeSpan.FromMinutes(10) },
                new ImpersonationSettings("n@p", "n@p", "/s.json"),
                new StaticSettings("f@p") { AccessTokenFile = "/a", IdentityTokenFile = "/i" },
                new UpstreamSettings("u@p", "10.0.0.1:8080", "u@p"),
                new UpstreamSettings("x@p", "metadata"),
                new WorkloadIdentitySettings("w@p") { File = "/w.json", AllowExecutables = true },
                new WorkloadIdentitySettings("v@p")
                {
                    Provider = "projects/1/locations/global/workloadIdentityPools/pool/providers/p", Impersonate = "t@p", TokenFile = "/token",
                },
            ],
            settings.Credentials);
    }

    [Fact]
    public void Read_AllThree_SwitchBeatsVariableBeatsFile()
    {
        var file = _folder.Write("settings.json", """{"port": 1, "metricsPort": 2, "configFile": "file"}""");

        var settings = Read(["port", "3"], ["MDS_settings", file, "MDS_PORT", "4", "MDS_metricsPort", ":5"]);

        Assert.Equal((3, 5, "file"), (settings.Metadata.Tcp!.Port, settings.Admin!.Listener.Port, settings.ConfigFile));
    }

    [Fact]
    public void Read_Variables_NestWithTwoUnderscores()
    {
        var settings = Read(variables:
            ["MDS_credentials__0__account", "default", "MDS_credentials__0__serviceAccountKey__file", "key.json"]);

        Assert.Equal([new ServiceAccountKeySettings("default", "key.json")], settings.Credentials);
    }

    [Fact]
    public void Read_VariablesOfAKubernetesService_AreNoSettings()
    {
        var settings = Read(variables: ["MDS_PORT", "tcp://10.96.0.7:80", "MDS_SERVICE_HOST", "10.96.0.7"]);

        Assert.Equal(8080, settings.Metadata.Tcp!.Port);
    }

    [Theory]
    [InlineData("8081", 8081)]
    [InlineData(":8081", 8081)]
    [InlineData("0", 0)]
    public void Read_Port_TakesBothForms(string text, int port) => Assert.Equal(port, Read(["port", text]).Metadata.Tcp!.Port);

    [Fact]
    public void Read_MetricsPort_OpensTheAdminListenerUnlessSwitchedOff()
    {
        Assert.Equal(9100, Read(["metricsPort", "9100"]).Admin!.Listener.Port);
        Assert.Equal(9000, Read(["metricsEnabled", "true"]).Admin!.Listener.Port);
        Assert.Null(Read(["metricsPort", "9100", "metricsEnabled", "false"]).Admin);
    }

    [Fact]
    public void Read_GoogleVariables_OverrideAndGiveFixedTokens()
    {
        var settings = Read(variables:
        [
            "GOOGLE_PROJECT_ID", "p", "GOOGLE_NUMERIC_PROJECT_ID", "18446744073709551615", "GOOGLE_SERVICE_ACCOUNT", "a@p",
            "GOOGLE_ACCESS_TOKEN", "secret", "GOOGLE_ID_TOKEN", "secret2",
        ]);

        Assert.Equal(new OverrideSettings("p", ulong.MaxValue, "a@p"), settings.Overrides);
        Assert.Equal([new StaticSettings("default", "secret", "secret2")], settings.Credentials);
        Assert.Empty(settings.Notes);
        Assert.DoesNotContain("secret", settings.ToString());
        Assert.DoesNotContain("secret", settings.Credentials[0].ToString());
    }

    [Fact]
    public void Read_FixedTokensBesideASwitch_SwitchWinsAndSaysSo()
    {
        var settings = Read(["serviceAccountFile", "key.json"], ["GOOGLE_ACCESS_TOKEN", "secret"]);

        Assert.Equal([new ServiceAccountKeySettings("default", "key.json")], settings.Credentials);
        Assert.Equal(
            ["GOOGLE_ACCESS_TOKEN and GOOGLE_ID_TOKEN are not used: -serviceAccountFile says where tokens come from."],
            settings.Notes);
    }

    [Fact]
    public void Read_SwitchForDefault_ReplacesTheFilesCredential()
    {
        var file = _folder.Write("settings.json", """
            {"credentials": [{"account": "default", "local": {}}, {"account": "a@p", "local": {}}]}
            """);

        var settings = Read(["settings", file, "serviceAccountFile", "key.json"]);

        Assert.Equal([new ServiceAccountKeySettings("default", "key.json"), new LocalSettings("a@p")], settings.Credentials);
    }

    [Theory]
    [InlineData("port", "80x", "-port: \"80x\" is not a port. Give a number from 0 to 65535, as in :8080.")]
    [InlineData("port", "65536", "-port: \"65536\" is not a port. Give a number from 0 to 65535, as in :8080.")]
    [InlineData("port", "127.0.0.1:80", "-port: \"127.0.0.1:80\" is not a port. Give a number from 0 to 65535, as in :8080.")]
    [InlineData("metricsPort", "-1", "-metricsPort: \"-1\" is not a port. Give a number from 0 to 65535, as in :8080.")]
    [InlineData("interface", "eth0", "-interface: \"eth0\" is not an address to listen on. Give an IPv4 or IPv6 address of this machine, or * for every address.")]
    [InlineData("metricsPath", "metrics", "-metricsPath: \"metrics\" is not a path. Give one that starts with /, as in /metrics.")]
    [InlineData("metricsPath", "/status", "-metricsPath: /status answers something else on the admin listener. Give another path, as in /metrics.")]
    [InlineData("prefetch", "perhaps", "-prefetch: \"perhaps\" is none of true, false and ready.")]
    [InlineData("logFormat", "xml", "-logFormat: \"xml\" is none of auto, text, json.")]
    [InlineData("logLevel", "2", "-logLevel: \"2\" is none of trace, debug, information, warning, error, critical, none.")]
    [InlineData("shutdownDelaySeconds", "5s", "-shutdownDelaySeconds: \"5s\" is not a number of seconds from 0 to 65535.")]
    [InlineData("localIssuer", "http://x", "-localIssuer is about the local issuer, which is off. Add -local, or leave it out.")]
    public void Read_BadValue_NamesTheSwitch(string name, string value, string sentence) =>
        Assert.Equal([sentence], Errors([name, value]));

    [Theory]
    [InlineData("a/b")]
    [InlineData("a@p, b@p")]
    public void Read_ServiceAccountThatNoPathCanName_IsAnError(string account) => Assert.Equal(
        [$"GOOGLE_SERVICE_ACCOUNT: \"{account}\" is not an e-mail address. Give the service account's, or unset it."],
        Errors(variables: ["GOOGLE_SERVICE_ACCOUNT", account]));

    [Fact]
    public void Read_OnePortForBothListeners_IsAnError() => Assert.Equal(
        ["-port and -metricsPort are both 9000. The admin listener needs a port of its own."],
        Errors(["port", "9000", "metricsEnabled", "true"]));

    [Fact]
    public void Read_IssuerPortOfAnotherListener_IsAnError() => Assert.Equal(
        ["-metricsPort and -issuerPort are both 9000. The local issuer's listener needs a port of its own."],
        Errors(["metricsEnabled", "true", "issuerPort", ":9000"]));

    [Fact]
    public void Read_HalfOfTheIssuersTls_IsAnError() => Assert.Equal(
        ["-issuerServerCert needs its other half: give -issuerServerCert and -issuerServerKey, or neither."],
        Errors(["issuerPort", ":9001", "issuerServerCert", "tls.crt"]));

    [Theory]
    [InlineData("true", Prefetch.Background)]
    [InlineData("false", Prefetch.Off)]
    [InlineData("ready", Prefetch.BeforeReady)]
    public void Read_Prefetch_IsOneOfThree(string value, object expected) =>
        Assert.Equal(expected, Read(["prefetch", value]).Prefetch);

    [Fact]
    public void Read_BadValues_NamesVariableAndKeyAndSaysAll()
    {
        var file = _folder.Write("settings.json", """{"port": "x", "flavor": "AWS"}""");

        var errors = Errors(
            ["settings", file, "local", "true", "serviceAccountFile", "k", "localIssuer", "nowhere"],
            ["MDS_prefetch", "x", "GOOGLE_NUMERIC_PROJECT_ID", "my-project"]);

        string[] expected =
        [
            $"$.flavor in {file}: \"AWS\" is none of gce, cloudrun, gke.",
            $"$.port in {file}: \"x\" is not a port. Give a number from 0 to 65535, as in :8080.",
            "-serviceAccountFile and -local both say who makes the tokens of the account \"default\". Give one of them.",
            "-localIssuer: \"nowhere\" is not an issuer. Give an http or https address, as in http://127.0.0.1:9000.",
            "GOOGLE_NUMERIC_PROJECT_ID: \"my-project\" is not a number. Give the project's number, not its id, or unset it.",
            "MDS_prefetch: \"x\" is none of true, false and ready.",
        ];
        Assert.Equal(expected.Order(StringComparer.Ordinal), errors.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("""{"prot": 1}""", "has an unknown key at $.prot. Did you mean \"port\"?")]
    [InlineData("""{"Port": 1}""", "has an unknown key at $.Port. Did you mean \"port\"?")]
    [InlineData("""{"port": {"number": 1}}""", "has an unknown key at $.port.number. Remove it.")]
    [InlineData("""{"credentials": [{"account": "default", "local": {"isuer": "http://x"}}]}""", "has an unknown key at $.credentials[0].local.isuer. Did you mean \"issuer\"?")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"handle": 1}}]}""", "has an unknown key at $.credentials[0].tpm.handle. Remove it.")]
    [InlineData("""{"endpoints": {"st": "http://x"}}""", "has an unknown key at $.endpoints.st. Did you mean \"sts\"?")]
    [InlineData("""{"port": 1,""", "is not JSON at line 1, column 11. Correct it there.")]
    [InlineData("""[]""", "is not a JSON object with each key once")]
    public void Read_BadSettingsFile_NamesFileAndPlace(string json, string sentence)
    {
        var file = _folder.Write("settings.json", json);

        Assert.Contains(Errors(["settings", file]), error => error.StartsWith($"The settings file {file} (-settings) {sentence}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("gce", MetadataFlavor.GCE)]
    [InlineData("CloudRun", MetadataFlavor.CloudRun)]
    [InlineData("GKE", MetadataFlavor.GKE)]
    public void Read_Flavor_IsOneOfThreeInAnyCase(string text, MetadataFlavor flavor) => Assert.Equal(flavor, Read(["flavor", text]).Flavor);

    [Fact]
    public void Read_CloudRunEmulatorsSwitches_MeanItsFlavorAndImpersonation()
    {
        var settings = Read(
            ["listen-address", "127.0.0.1:8888", "metadata", "metadata.json", "service-account", "app@p.iam.gserviceaccount.com"],
            ["GOOGLE_APPLICATION_CREDENTIALS", "adc.json"]);

        Assert.Equal((MetadataFlavor.CloudRun, "metadata.json"), (settings.Flavor, settings.ConfigFile));
        Assert.Equal((IPAddress.Loopback, 8888), (settings.Metadata.Tcp!.Interface, settings.Metadata.Tcp.Port));
        Assert.Equal("app@p.iam.gserviceaccount.com", settings.Overrides.ServiceAccount);
        Assert.Equal([new ImpersonationSettings("default", "app@p.iam.gserviceaccount.com", "adc.json")], settings.Credentials);
        Assert.Equal(MetadataFlavor.GCE, Read(["metadata", "metadata.json", "flavor", "gce"]).Flavor);
        Assert.Equal((null, 80), (Read(["listen-address", ":80"]).Metadata.Tcp!.Interface, Read(["listen-address", ":80"]).Metadata.Tcp!.Port));
        Assert.Equal([new LocalSettings("default")], Read(["service-account", "a@b", "local", "true"]).Credentials);
    }

    [Theory]
    [InlineData("-port and -listen-address both say where to listen. Give one of them.", "port", "1", "listen-address", ":2")]
    [InlineData("-configFile and -metadata both name the claims document. Give one of them.", "configFile", "a", "metadata", "b")]
    [InlineData("-listen-address: \"8888\" is not an address with a port. Give both, as in 127.0.0.1:8888.", "listen-address", "8888")]
    [InlineData("-service-account: \"app\" is not an e-mail address. Give the service account's.", "service-account", "app")]
    public void Read_CloudRunEmulatorsSwitchesThatCannotBe_AreSentences(string sentence, params string[] switches) =>
        Assert.Equal([sentence], Errors(switches));

    [Fact]
    public void Read_DomainSocket_IsAloneUnlessAPortIsAskedForToo()
    {
        Assert.Equal(new MetadataListeners(null, new UnixSocketSettings("/run/mds.sock")), Read(["domainsocket", "/run/mds.sock"]).Metadata);
        Assert.Equal(
            new MetadataListeners(ListenerSettings.DefaultMetadata with { Port = 8081 }, new UnixSocketSettings("/run/mds.sock", (UnixFileMode)0x1b0)),
            Read(["domainsocket", "/run/mds.sock", "domainsocketMode", "660", "port", ":8081"]).Metadata);
        Assert.Equal(
            ["-domainsocketMode is about a Unix socket, and there is none. Add -domainsocket, or leave it out."],
            Errors(["domainsocketMode", "660"]));
        Assert.Equal(
            ["-domainsocketMode: \"rw\" is not a file mode. Give three octal digits, as in 660 for the user and the group."],
            Errors(["domainsocket", "s", "domainsocketMode", "rw"]));
    }

    [Fact]
    public void Read_ReferenceEmulatorsTls_IsOnThePortWithItsFiles()
    {
        Assert.Equal(
            new TlsSettings("certs/server.crt", "certs/server.key", "certs/root.crt"), Read(["usemTLS", "true"]).Metadata.Tcp!.Tls);
        Assert.Equal(
            new TlsSettings("c", "k", "r"), Read(["usemTLS", "true", "serverCert", "c", "serverKey", "k", "rootCAmTLS", "r"]).Metadata.Tcp!.Tls);
        Assert.Equal(
            ["-serverKey is about mutual TLS, which is off. Add -usemTLS, or leave it out."], Errors(["serverKey", "k"]));
    }

    [Fact]
    public void Read_TlsOfTheSettingsFile_IsAListenerMore()
    {
        var file = _folder.Write(
            "settings.json", """{"tls": {"interface": "*", "port": 8444, "certificate": "c", "key": "k", "clientAuthorities": "r"}}""");

        var listeners = Read(["settings", file]).Metadata;

        Assert.Equal(ListenerSettings.DefaultMetadata, listeners.Tcp);
        Assert.Equal((null, 8444, new TlsSettings("c", "k", "r")), (listeners.Tls!.Interface, listeners.Tls.Port, listeners.Tls.Tls));
        Assert.Equal(
            ["-port and $.tls.port are both 8444. The TLS listener needs a port of its own."], Errors(["settings", file, "port", "8444"]));
        Assert.Equal(
            ["$.tls.port and -metricsPort are both 8444. The admin listener needs a port of its own."],
            Errors(["settings", file, "metricsPort", "8444"]));
        Assert.Equal(
            [$"$.tls in {_folder.Write("half.json", """{"tls": {"port": 1, "certificate": "c"}}""")} needs certificate, key and clientAuthorities, the paths of three PEM files."],
            Errors(["settings", _folder.File("half.json")]));
    }

    [Fact]
    public void Read_MissingSettingsFile_NamesIt() => Assert.StartsWith(
        "The settings file /nowhere/settings.json (-settings) cannot be read: ", Assert.Single(Errors(["settings", "/nowhere/settings.json"])));

    [Theory]
    [InlineData("""[{"local": {}}]""", "$.credentials[0] in FILE lacks account. Give \"default\" or the account's e-mail address.")]
    [InlineData("""[{"account": "a/b", "local": {}}]""", "$.credentials[0].account in FILE: \"a/b\" is not an account. Give \"default\" or an e-mail address.")]
    [InlineData("""[{"account": "default", "workloadIdentity": {"file": "c", "impersonate": "a@b"}}]""", "$.credentials[0].workloadIdentity.impersonate in FILE goes with provider; a configuration file says it itself. Leave it out.")]
    [InlineData("""[{"account": "default", "workloadIdentity": {"file": "c", "tokenFile": "t"}}]""", "$.credentials[0].workloadIdentity.tokenFile in FILE goes with provider; a configuration file says it itself. Leave it out.")]
    [InlineData("""[{"account": "default"}]""", "$.credentials[0] in FILE lacks a credential. Give exactly one of serviceAccountKey, impersonation, workloadIdentity, gcloud, upstream, tpm, local and static.")]
    [InlineData("""[{"account": "default", "local": {}, "static": {"accessToken": "t"}}]""", "$.credentials[0] in FILE has local and static. Give exactly one of them.")]
    [InlineData("""[{"account": "default", "local": true}]""", "$.credentials[0].local in FILE is a single value. Make it an object.")]
    [InlineData("""[{"account": "default", "serviceAccountKey": {}}]""", "$.credentials[0].serviceAccountKey in FILE lacks file. Give the path of the JSON key file.")]
    [InlineData("""[{"account": "default", "impersonation": {"targetPrincipal": "app", "sourceFile": "f"}}]""", "$.credentials[0].impersonation.targetPrincipal in FILE: \"app\" is not the e-mail address of a service account.")]
    [InlineData("""[{"account": "default", "impersonation": {"lifetimeSeconds": 50000, "sourceFile": "f"}}]""", "$.credentials[0].impersonation.lifetimeSeconds in FILE: \"50000\" is not a number of seconds from 1 to 43200.")]
    [InlineData("""[{"account": "default", "upstream": {}}]""", "$.credentials[0].upstream in FILE lacks address. Give the other server's host, with a port if it is not 80.")]
    [InlineData("""[{"account": "default", "upstream": {"address": "http://x"}}]""", "$.credentials[0].upstream.address in FILE: \"http://x\" is not a host. Give a name or an address, with a port if it is not 80, as in 169.254.169.254.")]
    [InlineData("""[{"account": "default", "upstream": {"address": "x:0"}}]""", "$.credentials[0].upstream.address in FILE: \"x:0\" is not a host. Give a name or an address, with a port if it is not 80, as in 169.254.169.254.")]
    [InlineData("""[{"account": "default", "upstream": {"address": "x:"}}]""", "$.credentials[0].upstream.address in FILE: \"x:\" is not a host. Give a name or an address, with a port if it is not 80, as in 169.254.169.254.")]
    [InlineData("""[{"account": "default", "upstream": {"address": "x:65536"}}]""", "$.credentials[0].upstream.address in FILE: \"x:65536\" is not a host. Give a name or an address, with a port if it is not 80, as in 169.254.169.254.")]
    [InlineData("""[{"account": "default", "upstream": {"address": "x#y"}}]""", "$.credentials[0].upstream.address in FILE: \"x#y\" is not a host. Give a name or an address, with a port if it is not 80, as in 169.254.169.254.")]
    [InlineData("""[{"account": "default", "static": {"accessToken": "a", "accessTokenFile": "f"}}]""", "$.credentials[0].static.accessTokenFile in FILE and accessToken exclude each other. Give one of them.")]
    [InlineData("""[{"account": "default", "workloadIdentity": {}}]""", "$.credentials[0].workloadIdentity in FILE lacks file. Give the path of an external_account file, or provider and tokenFile.")]
    [InlineData("""[{"account": "default", "workloadIdentity": {"provider": "projects/1/locations/global/workloadIdentityPools/pool/providers/p"}}]""", "$.credentials[0].workloadIdentity in FILE lacks tokenFile. Give the path of the token that the provider trusts.")]
    [InlineData("""[{"account": "default", "workloadIdentity": {"provider": "p", "tokenFile": "t"}}]""", "$.credentials[0].workloadIdentity.provider in FILE: \"p\" is not a provider. Give its full name, projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.")]
    [InlineData("""[{"account": "default", "static": {}}]""", "$.credentials[0].static in FILE is empty. Give accessToken or accessTokenFile, identityToken or identityTokenFile, or one of each.")]
    [InlineData("""[{"account": "a@p", "local": {}}, {"account": "a@p", "local": {}}]""", "$.credentials[1] in FILE: the account \"a@p\" has a credential already. Remove one of the two.")]
    [InlineData("\"default\"", "$.credentials in FILE is a single value. Make it a list of objects with account and one kind of credential.")]
    public void Read_BadCredential_NamesItsPlace(string credentials, string sentence)
    {
        var file = _folder.Write("settings.json", $$"""{"credentials": {{credentials}}}""");

        Assert.Equal([sentence.Replace("FILE", file)], Errors(["settings", file]));
    }

    // The reference emulator's two stand alone and take Google's own way to find a credential.
    [Fact]
    public void Read_ImpersonateAndFederate_WithAndWithoutAValue()
    {
        string[] variables = ["GOOGLE_APPLICATION_CREDENTIALS", "/adc.json"];

        Assert.Equal([new ImpersonationSettings("default", null, "/adc.json")], Read(["impersonate", "true"], variables).Credentials);
        Assert.Equal(
            [new ImpersonationSettings("default", "t@p", "/adc.json") { Delegates = ["d@p", "e@p"] }],
            Read(["impersonate", "t@p", "delegates", "d@p,e@p"], variables).Credentials);
        Assert.Equal([new WorkloadIdentitySettings("default") { File = "/adc.json" }], Read(["federate", "true"], variables).Credentials);
        Assert.Equal([new WorkloadIdentitySettings("default") { File = "/w.json" }], Read(["federate", "/w.json"], variables).Credentials);
        Assert.Empty(Read(["impersonate", "false", "federate", "false"]).Credentials);
        Assert.Equal(["-delegates is about impersonation, which is off. Add -impersonate, or leave it out."], Errors(["delegates", "d@p"]));
        Assert.Equal(
            ["-federate lacks a configuration. Give -federate FILE, or set GOOGLE_APPLICATION_CREDENTIALS."], Errors(["federate", "true"], ["HOME", _folder.Path]));
    }

    // As they are typed, so that the command line's own list of switches is shown to have them.
    [Theory]
    [InlineData("-serviceAccountFile k.json -useOauthToken=false")]
    [InlineData("-impersonate t@p -lifetimeSeconds 900")]
    [InlineData("-federate w.json -allowExecutables")]
    [InlineData("-upstream metadata.test:8080")]
    [InlineData("-local -localIssuer http://issuer.test -localKeyFile k.pem")]
    public void Read_SwitchesOfACredential_AreOfTheAccountDefault(string typed)
    {
        CredentialSettings expected = typed.Split(' ')[0] switch
        {
            "-serviceAccountFile" => new ServiceAccountKeySettings("default", "k.json", UseOauthToken: false),
            "-impersonate" => new ImpersonationSettings("default", "t@p", "/adc.json") { Lifetime = TimeSpan.FromMinutes(15) },
            "-federate" => new WorkloadIdentitySettings("default") { File = "w.json", AllowExecutables = true },
            "-upstream" => new UpstreamSettings("default", "metadata.test:8080"),
            _ => new LocalSettings("default", "http://issuer.test", "k.pem"),
        };

        var run = Assert.IsType<RunCommand>(CommandLineParser.Parse(typed.Split(' ')));

        Assert.Equal(
            [expected],
            SettingsReader.Read(run.Switches, new Dictionary<string, string> { ["GOOGLE_APPLICATION_CREDENTIALS"] = "/adc.json" }).Credentials);
    }

    [Fact]
    public void Read_Impersonate_FindsTheLoginOfGcloudAndElseTheMachine()
    {
        Assert.Equal([new ImpersonationSettings("default", "t@p", null)], Read(["impersonate", "t@p"], ["CLOUDSDK_CONFIG", _folder.Path]).Credentials);

        var login = _folder.Write("application_default_credentials.json", "{}");

        Assert.Equal([new ImpersonationSettings("default", "t@p", login)], Read(["impersonate", "t@p"], ["CLOUDSDK_CONFIG", _folder.Path]).Credentials);
    }

    [Fact]
    public void Read_GcloudProjectAttributes_OfTheConfigurationThatMakesTheTokensOrElseTheActiveOne()
    {
        string[] variables = ["CLOUDSDK_CONFIG", _folder.Path];

        Assert.Null(Read(variables: variables).GcloudProject);
        Assert.Null(Read(["gcloudProjectAttributes", "false"], variables).GcloudProject);
        Assert.Equal(new GcloudSettings("default", null, _folder.Path), Read(["gcloudProjectAttributes", "true"], variables).GcloudProject);
        Assert.Equal("work", Read(["gcloudProjectAttributes", "true", "gcloud", "work"], variables).GcloudProject!.Configuration);
        Assert.Equal(
            ["-gcloudProjectAttributes and -claimsUpstream both say what the claims document is laid over. Give one of them."],
            Errors(["gcloudProjectAttributes", "true", "claimsUpstream", "169.254.169.254"], variables));
        Assert.Equal(
            ["-gcloudProjectAttributes: the configurations of gcloud are not found, because HOME is not set. Set CLOUDSDK_CONFIG."],
            Errors(["gcloudProjectAttributes", "true"]));
    }

    [Fact]
    public void Read_Endpoints_TakeThePlaceOfGooglesOneByOne()
    {
        var file = _folder.Write("settings.json", """{"endpoints": {"sts": "https://sts-mine.p.googleapis.com/", "oauth2": "nowhere"}}""");

        Assert.Equal(
            [$"$.endpoints.oauth2 in {file}: \"nowhere\" is not an address. Give an http or https address, as in https://sts.googleapis.com."],
            Errors(["settings", file]));
        var endpoints = Read(["settings", file], ["MDS_endpoints__oauth2", "http://127.0.0.1:1"]).Endpoints;
        Assert.Equal("http://127.0.0.1:1/token", endpoints.Token(null).AbsoluteUri);
        Assert.Equal("https://sts-mine.p.googleapis.com/v1/token", endpoints.StsToken("example.com").AbsoluteUri);
        Assert.Equal(
            "https://iamcredentials.example.com/v1/projects/-/serviceAccounts/a%40p:generateIdToken",
            endpoints.ServiceAccount("example.com", "a@p", "generateIdToken").AbsoluteUri);
    }

    [Fact]
    public void Read_AllowedHosts_AsAListOrWithCommas()
    {
        var file = _folder.Write("settings.json", """{"allowedHosts": ["metadata.google.internal", "169.254.169.254"]}""");

        Assert.Empty(Read().AllowedHosts);
        Assert.Equal(["metadata.google.internal", "169.254.169.254"], Read(["settings", file]).AllowedHosts);
        Assert.Equal(["a.", "fd20:ce::254"], Read(["settings", file, "allowedHosts", "a., fd20:ce::254,"]).AllowedHosts);
        Assert.Equal(["b"], Read(variables: ["MDS_allowedHosts", "b"]).AllowedHosts);
    }

    [Theory]
    [InlineData("web:80")]
    [InlineData("http://web")]
    [InlineData("a b")]
    public void Read_AllowedHostThatIsNone_SaysSo(string host)
    {
        var file = _folder.Write("settings.json", $$"""{"allowedHosts": ["web", "{{host}}"]}""");

        Assert.Equal(
            [$"$.allowedHosts[1] in {file}: \"{host}\" is not a host. Give a name or an address without a port, as in metadata.google.internal."],
            Errors(["settings", file]));
    }

    private static ServerSettings Read(string[]? switches = null, string[]? variables = null) =>
        SettingsReader.Read(Pairs(switches).ToDictionary(pair => pair[0], pair => (string?)pair[1]), Pairs(variables).ToDictionary(pair => pair[0], pair => pair[1]));

    private static IReadOnlyList<string> Errors(string[]? switches = null, string[]? variables = null) =>
        Assert.Throws<SettingsException>(() => Read(switches, variables)).Errors;

    private static IEnumerable<string[]> Pairs(string[]? namesAndValues) => (namesAndValues ?? []).Chunk(2);
}
