using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mds.Metadata;

/// <summary>
/// The claims document: what the emulated machine is. It has the form of what a real server answers to
/// <c>/computeMetadata/v1/?recursive=true</c>, may stand under <c>{"computeMetadata": {"v1": …}}</c>, and the Cloud Run
/// emulator's metadata.json (<c>project_id</c>) is read too. Immutable.
/// </summary>
public sealed class Claims
{
    private Claims(string source, ClaimValue root) => (Source, Root) = (source, root);

    /// <summary>Where the document came from.</summary>
    public string Source { get; }

    /// <summary>The project id, where the document names one.</summary>
    public string? ProjectId => FindText("project", "projectId");

    /// <summary>The digits of the project number, where the document names one.</summary>
    public string? NumericProjectId => FindText("project", "numericProjectId");

    /// <summary>The universe that the machine is in: <c>googleapis.com</c> where the document does not say.</summary>
    public string UniverseDomain => FindText("universe", "universe-domain")!;

    /// <summary>The document at <c>/computeMetadata/v1/</c>: checked, complete, in its JSON spelling.</summary>
    internal ClaimValue Root { get; }

    /// <summary>Reads a claims document.</summary>
    /// <param name="utf8">Its text.</param>
    /// <param name="source">Where it came from, for errors: a file name or a Kubernetes object.</param>
    /// <exception cref="ClaimsException">The document cannot be used; the exception holds every error.</exception>
    public static Claims Parse(ReadOnlyMemory<byte> utf8, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        utf8 = ClaimsReader.WithoutMark(utf8);
        var errors = new ClaimsErrorList(utf8);
        var v1 = ClaimsReader.Read(utf8.Span, errors) is { } document ? ReadV1(document, errors) : null;
        if (v1 is null || errors.Any)
        {
            throw new ClaimsException(source, errors.InDocumentOrder());
        }

        return new Claims(source, v1).WithAccounts(ServiceAccounts.Complete);
    }

    /// <summary>The whole document, as <see cref="Parse"/> reads it: also what recursive answers leave out.</summary>
    public byte[] ToUtf8()
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            Root.WriteTo(writer);
        }

        return json.WrittenSpan.ToArray();
    }

    /// <summary>The e-mail of an account (<c>default</c> or an e-mail); <see langword="null"/> when there is none.</summary>
    public string? FindAccountEmail(string account) => ServiceAccounts.FindEmail(Accounts, account);

    /// <summary>Whether programs on the machine may write guest attributes.</summary>
    public bool GuestAttributesEnabled => Switch("enable-guest-attributes") == true;

    /// <summary>Whether the machine asks Google who may log in, which is what the paths under <c>oslogin</c> are for.</summary>
    public bool OsLoginEnabled => Switch("enable-oslogin") == true;

    /// <summary>Whether access tokens have no more than the scopes that a request names.</summary>
    public bool AccessTokenScopesEnforced => Switch("enable-access-token-enforce-scopes") == true;

    /// <summary>What becomes of the paths of old versions.</summary>
    public LegacyEndpoints LegacyEndpoints => Switch("disable-legacy-endpoints") switch
    {
        true => LegacyEndpoints.Disabled,
        false => LegacyEndpoints.Served,
        null => LegacyEndpoints.Gone,
    };

    /// <summary>The guest attributes, by name.</summary>
    internal IEnumerable<KeyValuePair<GuestAttributeName, string>> GuestAttributes =>
        from space in Instance.Find("guestAttributes")!.Members
        from attribute in space.Value.Members
        select KeyValuePair.Create(new GuestAttributeName(space.Name, attribute.Name), attribute.Value.Text);

    /// <summary>The text of a string, or the digits of a number, at a place in the document.</summary>
    /// <param name="path">JSON names and the indices of arrays, from the top: <c>instance</c>, <c>licenses</c>, <c>0</c>, <c>id</c>.</param>
    /// <returns>The text; <see langword="null"/> when nothing is there, or something that has no text.</returns>
    public string? FindText(params ReadOnlySpan<string> path)
    {
        var found = Root;
        foreach (var name in path)
        {
            var next = found.Kind != ClaimValueKind.Array ? found.Find(name)
                : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < found.Items.Length ? found.Items[index]
                : null;
            if (next is null)
            {
                return null;
            }

            found = next;
        }

        return found.Kind is ClaimValueKind.String or ClaimValueKind.Number ? found.Text : null;
    }

    /// <summary>The same claims for another project id.</summary>
    public Claims WithProjectId(string projectId) => WithProject("projectId", ClaimValue.String(projectId));

    /// <summary>The same claims for another project number.</summary>
    /// <param name="numericProjectId">Its digits.</param>
    /// <exception cref="ArgumentException">It is not a number.</exception>
    public Claims WithNumericProjectId(string numericProjectId)
    {
        ArgumentException.ThrowIfNullOrEmpty(numericProjectId);
        if (numericProjectId.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            throw new ArgumentException($"A project number consists of digits; found \"{numericProjectId}\".", nameof(numericProjectId));
        }

        return WithProject("numericProjectId", ClaimValue.Number(numericProjectId));
    }

    /// <summary>The same claims in another universe.</summary>
    public Claims WithUniverseDomain(string universeDomain)
    {
        ArgumentException.ThrowIfNullOrEmpty(universeDomain);
        return new(Source, Root.With("universe", Root.Find("universe")!.With("universe-domain", ClaimValue.String(universeDomain))));
    }

    /// <summary>The same claims where an account has another e-mail; the account is added when it is not there.</summary>
    /// <param name="account"><c>default</c> or the account's e-mail.</param>
    /// <param name="email">The e-mail it gets.</param>
    public Claims WithAccountEmail(string account, string email)
    {
        ArgumentException.ThrowIfNullOrEmpty(account);
        ArgumentException.ThrowIfNullOrEmpty(email);
        if (!KeyName.IsPossible(account) || !KeyName.IsPossible(email))
        {
            throw new ArgumentException($"Neither an account nor its e-mail may hold a slash or a control character; found \"{account}\" and \"{email}\".");
        }

        return WithAccounts(accounts => ServiceAccounts.WithEmail(accounts, account, email));
    }

    /// <summary>The same claims as those of a Cloud Run instance, which has an id, a region and a zone of its own kind.</summary>
    /// <param name="instanceId">The id of the instance where the claims name none.</param>
    public Claims AsCloudRunInstance(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return new(Source, CloudRunInstance.Complete(Root, instanceId));
    }

    /// <summary>The same claims with guest attributes set or, with <see langword="null"/>, without them.</summary>
    /// <param name="changes">What becomes of each, every name once.</param>
    internal Claims WithGuestAttributes(IEnumerable<KeyValuePair<GuestAttributeName, string?>> changes)
    {
        // One pass over each side: both may have very many.
        var bySpace = changes.GroupBy(change => change.Key.Namespace).ToDictionary(space => space.Key, StringComparer.Ordinal);
        if (bySpace.Count == 0)
        {
            return this;
        }

        var spaces = ImmutableArray.CreateBuilder<ClaimMember>();
        foreach (var space in Instance.Find("guestAttributes")!.Members)
        {
            var changed = bySpace.Remove(space.Name, out var ofSpace) ? Changed(space.Value, ofSpace) : space.Value;
            if (ofSpace is null || !changed.Members.IsEmpty)
            {
                spaces.Add(space with { Value = changed });
            }
        }

        foreach (var (name, ofSpace) in bySpace)
        {
            if (Changed(ClaimValue.Object([]), ofSpace) is { Members.IsEmpty: false } added)
            {
                spaces.Add(new ClaimMember(name, added));
            }
        }

        return WithInstance("guestAttributes", ClaimValue.Object(spaces.ToImmutable()));
    }

    /// <summary>The same claims without any guest attribute.</summary>
    internal Claims WithoutGuestAttributes() => WithInstance("guestAttributes", ClaimValue.Object([]));

    /// <summary>The same claims without what is asked for one by one and not recursively.</summary>
    internal Claims WithoutOsLogin() => new(Source, Root.With(
        "oslogin", OsLoginDirectory.Keys.Add(OsLoginSessions.Key).Aggregate(Root.Find("oslogin")!, (oslogin, key) => oslogin.Without(key))));

    /// <summary>The same source with another document, which is checked, and completed but for its accounts.</summary>
    internal Claims WithRoot(ClaimValue root) => new Claims(Source, root).WithAccounts(ServiceAccounts.Complete);

    private ClaimValue Instance => Root.Find("instance")!;

    private ClaimValue Accounts => Instance.Find("serviceAccounts")!;

    private Claims WithAccounts(Func<ClaimValue, ClaimValue> change) => WithInstance("serviceAccounts", change(Accounts));

    private Claims WithInstance(string key, ClaimValue value) =>
        new(Source, Root.With("instance", Instance.With(key, value)));

    /// <summary>What an attribute that is a switch says, if anything; the instance's counts before the project's.</summary>
    private bool? Switch(string attribute)
    {
        var value = Instance.Find("attributes")!.Find(attribute) ?? Root.Find("project")!.Find("attributes")!.Find(attribute);
        return value is null ? null : BooleanWord.Parse(value.Text);
    }

    private Claims WithProject(string key, ClaimValue value) =>
        new(Source, Root.With("project", Root.Find("project")!.With(key, value)));

    private static ClaimValue Changed(ClaimValue space, IEnumerable<KeyValuePair<GuestAttributeName, string?>> changes)
    {
        var left = changes.ToDictionary(change => change.Key.Key, change => change.Value, StringComparer.Ordinal);
        var members = ImmutableArray.CreateBuilder<ClaimMember>(space.Members.Length + left.Count);
        foreach (var member in space.Members)
        {
            if (!left.Remove(member.Name, out var value))
            {
                members.Add(member);
            }
            else if (value is not null)
            {
                members.Add(member with { Value = ClaimValue.String(value) });
            }
        }

        members.AddRange(
            from change in left where change.Value is not null select new ClaimMember(change.Key, ClaimValue.String(change.Value)));
        return ClaimValue.Object(members.ToImmutable());
    }

    private static ClaimValue? ReadV1(ClaimValue document, ClaimsErrorList errors)
    {
        var (path, found) = (JsonPath.Root, document);
        if (document.Find("computeMetadata") is not null)
        {
            if (Only("computeMetadata", ref path, ref found, errors))
            {
                Only("v1", ref path, ref found, errors);
            }

            if (errors.Any)
            {
                return null;
            }
        }

        var v1 = ClaimsSchema.Apply(found, KnownKeys.V1, path, errors);
        return !errors.Any && CloudRunDocument.Is(found) ? CloudRunDocument.Complete(v1) : v1;
    }

    /// <summary>Steps into the one key that a wrapping object has.</summary>
    private static bool Only(string key, ref JsonPath path, ref ClaimValue found, ClaimsErrorList errors)
    {
        var inner = found.Find(key);
        if (inner is null)
        {
            errors.Add(found.Offset, path, $"The key \"{key}\" is missing; it holds the claims.");
            return false;
        }

        foreach (var other in found.Members.Where(member => member.Name != key))
        {
            errors.Add(other.Offset, path.Key(other.Name), $"Only \"{key}\" may stand here. Move this key into computeMetadata.v1.");
        }

        (path, found) = (path.Key(key), inner);
        return true;
    }
}
