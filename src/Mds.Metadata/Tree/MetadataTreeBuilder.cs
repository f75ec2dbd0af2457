using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mds.Metadata;

/// <summary>
/// Walks a document once, with the table of known keys beside it: writes the JSON of the whole tree into one buffer and
/// makes a node for every value as it passes, whose JSON is the part just written.
/// </summary>
internal sealed class MetadataTreeBuilder : IDisposable
{
    private const string V1Path = "/computeMetadata/v1";

    private readonly Dictionary<string, MetadataNode> _nodes = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _document = new();
    private readonly Utf8JsonWriter _writer;
    private readonly MetadataFlavor _flavor;
    private readonly bool _enforcesScopes;

    private MetadataTreeBuilder(MetadataFlavor flavor, bool enforcesScopes)
    {
        (_flavor, _enforcesScopes) = (flavor, enforcesScopes);
        _writer = new Utf8JsonWriter(_document, new JsonWriterOptions
        {
            // Compact, with only what JSON demands escaped, as a real server writes.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = int.MaxValue,
            SkipValidation = true,
        });
    }

    /// <summary>The nodes of a document by path, without trailing slashes: the root is the empty string.</summary>
    public static FrozenDictionary<string, MetadataNode> Build(Claims claims, MetadataFlavor flavor)
    {
        using var builder = new MetadataTreeBuilder(flavor, claims.AccessTokenScopesEnforced);
        if (flavor != MetadataFlavor.GCE)
        {
            builder.AddTop(FlavorPaths.Of(claims.Root, flavor));
            return builder._nodes.ToFrozenDictionary(StringComparer.Ordinal);
        }

        builder.AddTop((claims.GuestAttributesEnabled ? claims : claims.WithoutGuestAttributes()).WithoutOsLogin().Root);
        if (claims.OsLoginEnabled)
        {
            builder.AddOsLogin(claims.Root.Find("oslogin")!);
        }

        if (!claims.GuestAttributesEnabled)
        {
            // Switched off, they are listed and an empty object, but answer nothing (observed 2020 and 2025-05).
            builder._nodes[GuestAttributeName.Directory] = MetadataNode.Refused(
                MetadataNodeKind.Directory, GuestAttributeName.Directory + "/", MetadataRefusal.GuestAttributesDisabled);
        }

        if (claims.LegacyEndpoints == LegacyEndpoints.Served)
        {
            LegacyPaths.AddTo(builder._nodes);
        }

        return builder._nodes.ToFrozenDictionary(StringComparer.Ordinal);
    }

    public void Dispose() => _writer.Dispose();

    private void AddTop(ClaimValue v1)
    {
        _writer.WriteStartObject();
        _writer.WritePropertyName("v1");
        var node = Add(V1Path, V1Path, v1, KnownKeys.V1, null);
        _writer.WriteEndObject();
        _writer.Flush();

        // The listings above v1 name Compute Engine's old versions too (observed 2019-11), whatever becomes of those. GKE's
        // names none (observed 2019-08).
        var hasOld = _flavor == MetadataFlavor.GCE;
        _nodes.Add("/computeMetadata", MetadataNode.Directory(
            "/computeMetadata/", _document, 0, hasOld ? "v1/\nv1beta1/\n" : "v1/\n", [KeyValuePair.Create("v1", node)]));
        _nodes.Add("", MetadataNode.ListingOnly("/", hasOld ? "0.1/\ncomputeMetadata/\n" : "computeMetadata/\n"));

        // Without a service account this one path has an answer of its own (observed 2025): who answers tokens gives it.
        var identity = $"{V1Path}/instance/service-accounts/{ServiceAccounts.Default}/identity";
        _nodes.TryAdd(identity, MetadataNode.Token(
            MetadataNodeKind.IdentityToken, $"{V1Path}/instance/service-accounts/{{account}}/identity", MetadataAccount.None));
    }

    private void AddOsLogin(ClaimValue oslogin)
    {
        var directory = new OsLoginDirectory(oslogin);
        foreach (var key in OsLoginDirectory.Keys)
        {
            var path = $"{V1Path}/oslogin/{key}";
            _nodes.Add(path, MetadataNode.Asked(path, directory[key]));
        }
    }

    /// <param name="path">The node's path, without a trailing slash.</param>
    /// <param name="template">The same with placeholders.</param>
    /// <param name="value">The value; the writer stands where its JSON belongs.</param>
    /// <param name="shape">What the value is.</param>
    /// <param name="account">The account that the value belongs to.</param>
    private MetadataNode Add(string path, string template, ClaimValue value, Shape shape, MetadataAccount? account)
    {
        var node = (shape.Kind, value.Kind) switch
        {
            (ShapeKind.Json, _) => AddJsonLeaf(template, value),
            (ShapeKind.JsonList, _) => AddList(template, value, prefersJson: true),
            (ShapeKind.List, _) => AddList(template, value),
            (ShapeKind.Any, ClaimValueKind.Array) when value.Items.All(item => item.IsScalar) => AddList(template, value),
            (_, ClaimValueKind.Array) => AddArray(path, template, value, shape.Item ?? shape),
            (_, ClaimValueKind.Object) => AddObject(path, template, value, shape, account),
            _ => AddScalar(template, value),
        };
        _nodes.Add(path, node);
        return node;
    }

    private MetadataNode AddObject(string path, string template, ClaimValue value, Shape shape, MetadataAccount? account)
    {
        var start = Position();
        var entries = ImmutableArray.CreateBuilder<KeyValuePair<string, MetadataNode>>(value.Members.Length);
        var listing = new List<string>(value.Members.Length);
        var itemTemplate = $"{template}/{shape.Placeholder}";
        _writer.WriteStartObject();
        foreach (var member in value.Members.Sort((x, y) => string.CompareOrdinal(x.Name, y.Name)))
        {
            var known = shape.Find(member.Name);
            if (known is { IsHidden: true })
            {
                continue;
            }

            var segment = shape.PathName(member.Name);
            var memberShape = known?.Shape ?? shape.Item ?? (shape.Verbatim ? Shape.AnyVerbatim : Shape.Any);
            _writer.WritePropertyName(member.Name);
            var node = Add(
                $"{path}/{segment}",
                known is null ? itemTemplate : $"{template}/{segment}",
                member.Value,
                memberShape,
                memberShape == KnownKeys.Account ? AccountOf(member.Name, member.Value, value) : account);
            entries.Add(KeyValuePair.Create(segment, node));
            listing.Add(node.IsDirectory ? segment + "/" : segment);
            if (known?.Alias is { } alias)
            {
                _nodes.TryAdd($"{path}/{alias}", node);
            }
        }

        _writer.WriteEndObject();
        foreach (var key in shape.Keys.Where(key => key.IsDynamic))
        {
            var kind = key.Shape.Kind == ShapeKind.AccessToken ? MetadataNodeKind.AccessToken : MetadataNodeKind.IdentityToken;
            _nodes.Add($"{path}/{key.Path}", MetadataNode.Token(kind, $"{template}/{key.Path}", account!));
            listing.Add(key.Path);
        }

        foreach (var key in shape.Keys.Where(key => _flavor == MetadataFlavor.GCE && key.Unset is not null && value.Find(key.Json) is null))
        {
            var node = AddUnset($"{path}/{key.Path}", $"{template}/{key.Path}", key);
            listing.Add(node.IsDirectory ? key.Path + "/" : key.Path);
        }

        listing.Sort(string.CompareOrdinal);
        return MetadataNode.Directory(template + "/", Written(), start, Lines(listing), entries.ToImmutable());
    }

    /// <summary>Adds a node whose JSON is its own, and no part of what is around it.</summary>
    private MetadataNode AddUnset(string path, string template, KnownKey key)
    {
        var unset = key.Unset!;
        var json = new ArrayBufferWriter<byte>();
        json.Write(Encoding.UTF8.GetBytes(unset.Json));
        var below = key.Shape.Keys.Where(inner => inner.Unset is not null).ToList();
        foreach (var inner in below)
        {
            AddUnset($"{path}/{inner.Path}", $"{template}/{inner.Path}", inner);
        }

        var node = unset.Refusal is { } refusal ? MetadataNode.Refused(MetadataNodeKind.Leaf, template, refusal)
            : unset.Text is { } text ? MetadataNode.Leaf(template, json, 0, text)
            : MetadataNode.Directory(template + "/", json, 0, Lines(below.Select(inner => inner.Path)), []);
        _nodes.Add(path, node);
        return node;
    }

    private MetadataNode AddArray(string path, string template, ClaimValue value, Shape item)
    {
        var start = Position();
        var entries = ImmutableArray.CreateBuilder<KeyValuePair<string, MetadataNode>>(value.Items.Length);
        _writer.WriteStartArray();
        for (var i = 0; i < value.Items.Length; i++)
        {
            var segment = i.ToString(CultureInfo.InvariantCulture);
            entries.Add(KeyValuePair.Create(
                segment, Add($"{path}/{segment}", template + "/{index}", value.Items[i], item, null)));
        }

        _writer.WriteEndArray();
        var listing = Lines(entries.Select(entry => entry.Value.IsDirectory ? entry.Key + "/" : entry.Key));
        return MetadataNode.Directory(template + "/", Written(), start, listing, entries.ToImmutable());
    }

    private MetadataNode AddList(string template, ClaimValue value, bool prefersJson = false)
    {
        var start = Position();
        value.WriteTo(_writer);
        return MetadataNode.Leaf(
            template, Written(), start, Lines(value.Items.Select(item => item.Text)), isList: true, prefersJson);
    }

    private MetadataNode AddJsonLeaf(string template, ClaimValue value)
    {
        var start = Position();
        value.WriteTo(_writer);
        return value.Kind == ClaimValueKind.String
            ? MetadataNode.Leaf(template, Written(), start, value.Text)
            : MetadataNode.Leaf(template, Written(), start, text: null, prefersJson: true);
    }

    private MetadataNode AddScalar(string template, ClaimValue value)
    {
        var start = Position();
        value.WriteTo(_writer);
        return MetadataNode.Leaf(template, Written(), start, value.Text);
    }

    /// <summary>Where the next value's JSON begins: after the comma, if the writer is about to set one.</summary>
    private int Position()
    {
        _writer.Flush();
        var written = _document.WrittenSpan;
        return written[^1] is (byte)':' or (byte)'[' ? written.Length : written.Length + 1;
    }

    private ArrayBufferWriter<byte> Written()
    {
        _writer.Flush();
        return _document;
    }

    private MetadataAccount AccountOf(string name, ClaimValue account, ClaimValue accounts)
    {
        var email = account.Find("email")?.Text;
        var other = name == ServiceAccounts.Default ? email
            : name == ServiceAccounts.FindEmail(accounts, ServiceAccounts.Default) ? ServiceAccounts.Default
            : null;
        string[] scopes = [.. account.Find("scopes")!.Items.Select(scope => scope.Text)];
        return new MetadataAccount(
            other is null ? [name] : [name, other],
            scopes,
            scopes.Length == 0 || _flavor != MetadataFlavor.GCE ? ScopeRule.Any : _enforcesScopes ? ScopeRule.Enforced : ScopeRule.AccountUnlessEnforced);
    }

    private static string Lines(IEnumerable<string> entries)
    {
        var lines = new StringBuilder();
        foreach (var entry in entries)
        {
            lines.Append(entry).Append('\n');
        }

        return lines.ToString();
    }
}
