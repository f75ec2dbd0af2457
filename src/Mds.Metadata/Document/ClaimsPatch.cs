using System.Collections.Immutable;

namespace Mds.Metadata;

/// <summary>
/// A change of claims as a JSON merge patch (RFC 7396): keys that are there are set, keys with <c>null</c> are taken away,
/// everything else stays. Immutable. Several make one, so that any number of changes takes no more room than their result.
/// </summary>
public sealed class ClaimsPatch
{
    private const string ServiceAccountsKey = "serviceAccounts";

    // Sorted: in the order of hashes each process would have another text, and ETag, of a leaf that is a document itself.
    private readonly ImmutableSortedDictionary<string, ClaimsPatch>? _members;
    private readonly ClaimValue? _value;

    private ClaimsPatch(ImmutableSortedDictionary<string, ClaimsPatch> members) => _members = members;

    private ClaimsPatch(ClaimValue? value) => _value = value;

    /// <summary>Changes nothing.</summary>
    public static ClaimsPatch None { get; } = new(ImmutableSortedDictionary.Create<string, ClaimsPatch>(StringComparer.Ordinal));

    /// <summary>Whether it changes nothing.</summary>
    public bool IsEmpty => _members is { IsEmpty: true };

    /// <summary>Puts other claims in the place of all that are there.</summary>
    /// <param name="claims">The other claims.</param>
    public static ClaimsPatch Replace(Claims claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        return new ClaimsPatch(claims.Root);
    }

    /// <summary>Reads a patch. Whether what it sets fits is found out when it is applied.</summary>
    /// <param name="utf8">Its text: a part of a claims document, in any of the forms that one may have.</param>
    /// <param name="source">Where it came from, for errors.</param>
    /// <exception cref="ClaimsException">It is no JSON object.</exception>
    public static ClaimsPatch Parse(ReadOnlyMemory<byte> utf8, string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        utf8 = ClaimsReader.WithoutMark(utf8);
        var errors = new ClaimsErrorList(utf8);
        var document = ClaimsReader.Read(utf8.Span, errors);
        if (document is not null && document.Kind != ClaimValueKind.Object)
        {
            errors.Add(document.Offset, JsonPath.Root, "A patch is a JSON object that holds the keys to be changed.");
        }

        return errors.Any
            ? throw new ClaimsException(source, errors.InDocumentOrder())
            : Of(document!.Find("computeMetadata")?.Find("v1") ?? document, KnownKeys.V1);
    }

    /// <summary>This patch and another one after it, as one.</summary>
    /// <param name="later">The other one.</param>
    public ClaimsPatch Then(ClaimsPatch later)
    {
        ArgumentNullException.ThrowIfNull(later);
        if (later._members is null)
        {
            return later;
        }

        if (_members is null)
        {
            return new ClaimsPatch(later.ApplyTo(_value));
        }

        var members = _members;
        foreach (var (name, patch) in later._members)
        {
            members = members.SetItem(name, members.TryGetValue(name, out var earlier) ? earlier.Then(patch) : patch);
        }

        return new ClaimsPatch(members);
    }

    /// <summary>The claims with the change made.</summary>
    /// <param name="claims">The claims from before.</param>
    /// <exception cref="ClaimsException">The change cannot be made: what it sets does not fit its place.</exception>
    public Claims Apply(Claims claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        if (IsEmpty)
        {
            return claims;
        }

        var (patch, root) = AsOneAccount(claims.Root);
        // Where the changed values stood in their own documents is of no use to anybody; their paths are.
        var errors = new ClaimsErrorList(default);
        var changed = ClaimsSchema.Apply(patch.ApplyTo(root) ?? ClaimValue.Object([]), KnownKeys.V1, JsonPath.Root, errors);
        return errors.Any ? throw new ClaimsException(claims.Source, errors.InDocumentOrder()) : claims.WithRoot(changed);
    }

    /// <summary>Keys in their JSON spelling, since that is what the claims have that the patch is applied to.</summary>
    private static ClaimsPatch Of(ClaimValue value, Shape shape)
    {
        if (value.Kind != ClaimValueKind.Object)
        {
            return new ClaimsPatch(value.Kind == ClaimValueKind.Null ? null : value);
        }

        var members = ImmutableSortedDictionary.CreateBuilder<string, ClaimsPatch>(StringComparer.Ordinal);
        foreach (var member in value.Members)
        {
            var known = shape.Find(member.Name);
            members[known?.Json ?? member.Name] = Of(member.Value, known?.Shape ?? shape.Item ?? Shape.Any);
        }

        return new ClaimsPatch(members.ToImmutable());
    }

    private ClaimValue? ApplyTo(ClaimValue? target)
    {
        if (_members is null)
        {
            return _value;
        }

        // One pass over each side: both may have very many keys.
        var existing = target is { Kind: ClaimValueKind.Object } ? target : ClaimValue.Object([]);
        var names = new HashSet<string>(existing.Members.Length, StringComparer.Ordinal);
        var members = ImmutableArray.CreateBuilder<ClaimMember>(existing.Members.Length + _members.Count);
        foreach (var member in existing.Members)
        {
            names.Add(member.Name);
            if (!_members.TryGetValue(member.Name, out var patch))
            {
                members.Add(member);
            }
            else if (patch.ApplyTo(member.Value) is { } value)
            {
                members.Add(member with { Value = value });
            }
        }

        foreach (var (name, patch) in _members)
        {
            if (!names.Contains(name) && patch.ApplyTo(null) is { } value)
            {
                members.Add(new ClaimMember(name, value));
            }
        }

        return ClaimValue.Object(members.ToImmutable(), existing.Offset);
    }

    /// <summary>
    /// The account <c>default</c> stands under its e-mail too; whichever of the two names the patch uses, it means both.
    /// </summary>
    private (ClaimsPatch Patch, ClaimValue Root) AsOneAccount(ClaimValue root)
    {
        var instance = root.Find("instance")!;
        var accounts = instance.Find(ServiceAccountsKey)!;
        if (Member("instance")?.Member(ServiceAccountsKey) is not { _members: { } members } patch
            || ServiceAccounts.FindTwin(accounts) is not { } twin)
        {
            return (this, root);
        }

        var one = root.With("instance", instance.With(ServiceAccountsKey, accounts.Without(twin)));
        return patch.Member(twin) is not { } named
            ? (this, one)
            : (WithMember("instance", Member("instance")!.WithMember(ServiceAccountsKey, new ClaimsPatch(
                members.Remove(twin).SetItem(ServiceAccounts.Default, (patch.Member(ServiceAccounts.Default) ?? None).Then(named))))), one);
    }

    private ClaimsPatch? Member(string name) => _members?.GetValueOrDefault(name);

    private ClaimsPatch WithMember(string name, ClaimsPatch patch) => new(_members!.SetItem(name, patch));
}
