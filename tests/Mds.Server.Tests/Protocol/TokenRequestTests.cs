using Mds.Credentials;
using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary>Tokens, as clients ask for them and as they are answered.</summary>
public sealed class TokenRequestTests
{
    private const string Default = V1 + "instance/service-accounts/default/";
    private const string OneAccount = """{"instance": {"serviceAccounts": {"default": {"email": "app@p1.test"}}}}""";
    private const string NoScopes = """{"instance": {"serviceAccounts": {"default": {"email": "app@p1.test", "scopes": []}}}}""";

    private const string TwoScopes =
        """{"instance": {"serviceAccounts": {"default": {"email": "app@p1.test", "scopes": ["https://a.test/x", "https://a.test/y"]}}}}""";

    private const string NoAccount = """{"project": {"projectId": "p1"}}""";

    [Fact]
    public async Task Token_OfAnAccount_IsCompactJsonInTheObservedOrder()
    {
        var time = new ManualTime();
        await using var listener = await StartAsync(OneAccount, With("default", RecordingSource.Answering(time), time), time);

        var response = await listener.GetAsync(Default + "token");

        Assert.Equal("HTTP/1.1 200 OK", response.StatusLine);
        Assert.Equal("application/json", response.Single("Content-Type"));
        Assert.Equal("""{"access_token":"ya29.token","expires_in":3600,"token_type":"Bearer"}""", response.Body);
    }

    [Fact]
    public async Task Token_AskedForAgain_IsTheSameWithLessLife()
    {
        var time = new ManualTime();
        var source = RecordingSource.Answering(time);
        await using var listener = await StartAsync(OneAccount, With("default", source, time), time);
        await listener.GetAsync(Default + "token");

        time.Advance(TimeSpan.FromSeconds(1000.5));
        var response = await listener.GetAsync(Default + "token?transport=mtls&binding-enforcement=on");

        Assert.Equal("""{"access_token":"ya29.token","expires_in":2599,"token_type":"Bearer"}""", response.Body);
        Assert.Single(source.Scopes);
    }

    [Theory]
    [InlineData("token?scopes=https://a.test/x,https://a.test/y")]
    [InlineData("token?scopes=https%3A%2F%2Fa.test%2Fx%2Chttps%3A%2F%2Fa.test%2Fy")]
    [InlineData("token?scopes=https%3A%2F%2Fa.test%2Fx,https%3A%2F%2Fa.test%2Fy&enforce_scopes=true")]
    public async Task Token_WithScopesRawOrEncoded_IsForThoseScopes(string path)
    {
        var source = RecordingSource.Answering(TimeProvider.System);
        await using var listener = await StartAsync(NoScopes, With("default", source));

        Assert.Equal(200, (await listener.GetAsync(Default + path)).Status);

        Assert.Equal("https://a.test/x https://a.test/y", Assert.Single(source.Scopes));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("token?scopes=")]
    [InlineData("token?scopes=,")]
    public async Task Token_WithoutScopes_IsTheDefaultOneOfTheAccount(string path)
    {
        var source = RecordingSource.Answering(TimeProvider.System);
        await using var listener = await StartAsync(OneAccount, With("default", source));

        Assert.Equal(200, (await listener.GetAsync(Default + path)).Status);

        Assert.Equal("", Assert.Single(source.Scopes));
    }

    [Theory]
    [InlineData("?scopes=https://a.test/x", "")]
    [InlineData("?scopes=https://a.test/z", "")]
    [InlineData("?scopes=https://a.test/x&enforce_scopes=true", "https://a.test/x")]
    [InlineData("?scopes=https://a.test/y,https://a.test/x&enforce_scopes=1", "")]
    [InlineData("?scopes=https://a.test/y%20https://a.test/x&enforce_scopes=1", "")]
    [InlineData("?scopes=https://a.test/y+https://a.test/y&enforce_scopes=1", "https://a.test/y")]
    public async Task Token_OfAnAccountWithScopes_IsNarrowedOnlyWhenEnforced(string query, string asked)
    {
        var source = RecordingSource.Answering(TimeProvider.System);
        await using var listener = await StartAsync(TwoScopes, With("default", source));

        Assert.Equal(200, (await listener.GetAsync($"{Default}token{query}")).Status);

        Assert.Equal(asked, Assert.Single(source.Scopes));
    }

    [Theory]
    [InlineData("?scopes=https://a.test/x", "")]
    [InlineData("?scopes=https://a.test/x&enforce_scopes=true", "https://a.test/x")]
    public async Task Token_OfAnAccountWithCloudPlatform_IsNarrowedToWhateverIsEnforced(string query, string asked)
    {
        var source = RecordingSource.Answering(TimeProvider.System);
        await using var listener = await StartAsync(OneAccount, With("default", source));

        Assert.Equal(200, (await listener.GetAsync($"{Default}token{query}")).Status);

        Assert.Equal(asked, Assert.Single(source.Scopes));
    }

    [Fact]
    public async Task Token_OfAMachineThatEnforcesScopes_IsForTheScopesNamed()
    {
        var source = RecordingSource.Answering(TimeProvider.System);
        var enforcing = TwoScopes.Replace(
            "{\"instance\": {", "{\"instance\": {\"attributes\": {\"enable-access-token-enforce-scopes\": \"true\"}, ", StringComparison.Ordinal);
        await using var listener = await StartAsync(enforcing, With("default", source));

        Assert.Equal(200, (await listener.GetAsync(Default + "token?scopes=https://a.test/y")).Status);

        Assert.Equal("https://a.test/y", Assert.Single(source.Scopes));
    }

    [Fact]
    public async Task Token_EnforcedScopeThatTheAccountLacks_Is400AndNamesIt()
    {
        var source = RecordingSource.Answering(TimeProvider.System);
        await using var listener = await StartAsync(TwoScopes, With("default", source));

        var response = await listener.GetAsync(Default + "token?scopes=https://a.test/x,https://a.test/z&enforce_scopes=true");

        Assert.Equal(400, response.Status);
        Assert.Contains("The scope https://a.test/z is not one of the account", response.Body, StringComparison.Ordinal);
        Assert.Empty(source.Scopes);
    }

    [Theory]
    [InlineData("false")]
    [InlineData("0")]
    [InlineData("no")]
    public async Task Token_EnforceScopesOff_Is400(string value)
    {
        await using var listener = await StartAsync(OneAccount, With("default", RecordingSource.Answering(TimeProvider.System)));

        Assert.Equal(400, (await listener.GetAsync($"{Default}token?enforce_scopes={value}")).Status);
    }

    [Theory]
    [InlineData("default", "app@p1.test")]
    [InlineData("app@p1.test", "default")]
    public async Task Token_CredentialUnderEitherName_AnswersBothDirectories(string configured, string asked)
    {
        await using var listener = await StartAsync(
            OneAccount, With(configured, RecordingSource.Answering(TimeProvider.System)));

        Assert.Equal(200, (await listener.GetAsync($"{V1}instance/service-accounts/{asked}/token")).Status);
        Assert.Equal(200, (await listener.GetAsync($"{V1}instance/service-accounts/{configured}/token")).Status);
    }

    [Fact]
    public async Task Token_TwoCredentials_EachDirectoryHasItsOwn()
    {
        var claims = """{"instance": {"serviceAccounts": {"default": {"email": "app@p1.test"}, "b@p1.test": {}}}}""";
        var set = new CredentialSet([
            new TokenCache("default", RecordingSource.Answering(TimeProvider.System, "first"), TimeProvider.System),
            new TokenCache("b@p1.test", RecordingSource.Answering(TimeProvider.System, "second"), TimeProvider.System)]);
        await using var listener = await StartAsync(claims, set);

        Assert.Contains("\"first\"", (await listener.GetAsync(Default + "token")).Body, StringComparison.Ordinal);
        Assert.Contains("\"second\"", (await listener.GetAsync(V1 + "instance/service-accounts/b@p1.test/token")).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("identity?audience=https://a.test/path?x", "https://a.test/path?x", false, false)]
    [InlineData("identity?audience=https%3A%2F%2Fa.test%2F%26b&format=full", "https://a.test/&b", true, false)]
    [InlineData("identity?format=full&licenses=TRUE&audience=a+b", "a b", true, true)]
    [InlineData("identity?audience=https://a.test&format=standard&licenses=FALSE", "https://a.test", false, false)]
    [InlineData("identity?audience=https://a.test&format=other", "https://a.test", false, false)]
    [InlineData("identity?audience=https://a.test&format=full&licenses=true", "https://a.test", true, true)]
    [InlineData("identity?audience=https://a.test&format=full&licenses=on", "https://a.test", true, true)]
    public async Task Identity_AsAnyClientAsks_IsTheBareTokenAsTextHtml(string path, string audience, bool full, bool licenses)
    {
        var source = RecordingSource.Answering(TimeProvider.System);
        await using var listener = await StartAsync(OneAccount, With("default", source));

        var response = await listener.GetAsync(Default + path);

        Assert.Equal(200, response.Status);
        Assert.Equal("text/html", response.Single("Content-Type"));
        Assert.Equal(RecordingSource.Jwt, response.Body);
        Assert.Equal(new IdentityTokenRequest(audience, full, licenses), Assert.Single(source.Identities));
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("identity?audience=")]
    [InlineData("identity?audience&format=full")]
    public async Task Identity_WithoutAudience_Is400(string path)
    {
        await using var listener = await StartAsync(OneAccount, With("default", RecordingSource.Answering(TimeProvider.System)));

        var response = await listener.GetAsync(Default + path);

        Assert.Equal("HTTP/1.1 400 Bad Request", response.StatusLine);
        Assert.Equal("text/html", response.Single("Content-Type"));
        Assert.Contains("non-empty audience parameter required", response.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NoAccount, "identity")]
    [InlineData(NoAccount, "identity?audience=https://a.test")]
    [InlineData(OneAccount, "identity?audience=https://a.test")]
    public async Task Identity_WithoutAccountOrCredential_IsThe404OfAMachineWithoutAServiceAccount(string claims, string path)
    {
        await using var listener = await StartAsync(claims);

        var response = await listener.GetAsync(Default + path);

        Assert.Equal("HTTP/1.1 404 Not Found", response.StatusLine);
        Assert.Equal("text/html", response.Single("Content-Type"));
        Assert.Equal("close", response.Single("Connection"));
        Assert.Equal("94", response.Single("Content-Length"));
        Assert.Equal(
            """{"error":"invalid_request","error_description":"Service account not enabled on this instance"}""", response.Body);
    }

    [Theory]
    [InlineData(NoAccount, "token")]
    [InlineData(NoAccount, "email")]
    [InlineData(NoAccount, "scopes")]
    [InlineData(NoAccount, "")]
    [InlineData(OneAccount, "token")]
    public async Task Get_WithoutAccountOrCredential_IsThe404Page(string claims, string path)
    {
        await using var listener = await StartAsync(claims);

        var response = await listener.GetAsync(Default + path);

        Assert.Equal(404, response.Status);
        Assert.Equal("text/html; charset=UTF-8", response.Single("Content-Type"));
    }

    [Theory]
    [InlineData(TokenSourceFault.Unavailable)]
    [InlineData(TokenSourceFault.Rejected)]
    [InlineData(TokenSourceFault.Unusable)]
    public async Task Get_TokenThatCannotBeHad_Is503AndSaysWhy(TokenSourceFault fault)
    {
        await using var listener = await StartAsync(
            OneAccount, With("default", RecordingSource.Failing(fault, "The issuer said <no>.")));

        foreach (var path in new[] { "token", "identity?audience=https://a.test" })
        {
            var response = await listener.GetAsync(Default + path);

            Assert.Equal("HTTP/1.1 503 Service Unavailable", response.StatusLine);
            Assert.Equal("Google", response.Single("Metadata-Flavor"));
            Assert.Contains("The issuer said &lt;no&gt;.", response.Body, StringComparison.Ordinal);
        }
    }

    // As a TPM's key is let go of while a request is on its way to it.
    [Theory]
    [InlineData("token")]
    [InlineData("identity?audience=https://a.test")]
    public async Task Get_CredentialReplacedBetweenFindingAndAsking_IsAskedOfTheNewOne(string path)
    {
        var replaced = RecordingSource.Failing(TokenSourceFault.Unavailable, "The key was let go of.");
        var current = RecordingSource.Answering(TimeProvider.System);
        await using var listener = await StartAsync(OneAccount, new ReplacedOnceAsked(With("default", replaced), replaced, With("default", current)));

        Assert.Equal(200, (await listener.GetAsync(Default + path)).Status);

        Assert.Equal(1, replaced.Scopes.Count + replaced.Identities.Count);
        Assert.Equal(1, current.Scopes.Count + current.Identities.Count);
    }

    [Theory]
    [InlineData("token", null, "i.d.token", "GOOGLE_ACCESS_TOKEN")]
    [InlineData("identity?audience=https://a.test", "access", null, "GOOGLE_ID_TOKEN")]
    public async Task Get_TokenThatIsNotOffered_Is404AndSaysWhy(string path, string? access, string? identity, string variable)
    {
        await using var listener = await StartAsync(
            OneAccount, With("default", new StaticSource(access, identity, null, TimeProvider.System)));

        var response = await listener.GetAsync(Default + path);

        Assert.Equal("HTTP/1.1 404 Not Found", response.StatusLine);
        Assert.Contains(variable, response.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WholeTree_HoldsNoToken()
    {
        await using var listener = await StartAsync(OneAccount, With("default", RecordingSource.Answering(TimeProvider.System)));

        var response = await listener.GetAsync(V1 + "?recursive=true");

        Assert.DoesNotContain("token", response.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("identity", response.Body, StringComparison.Ordinal);
    }

    private static CredentialSet With(string account, ITokenSource source, TimeProvider? time = null) =>
        new([new TokenCache(account, source, time ?? TimeProvider.System)]);

    private sealed class ReplacedOnceAsked(CredentialSet first, RecordingSource replaced, CredentialSet second) : ICredentials
    {
        public TokenCache? Find(string account) => (replaced.Scopes.Count + replaced.Identities.Count == 0 ? first : second).Find(account);
    }
}
