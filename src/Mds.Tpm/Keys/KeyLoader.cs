namespace Mds.Tpm;

/// <summary>
/// Brings a key and its sessions into the TPM. On a TPM without a resource manager there is room for three objects and
/// three sessions; no more than two of each are used at once.
/// </summary>
/// <param name="options">Which key.</param>
/// <param name="keyPassword">Its password.</param>
/// <param name="parentPassword">The password of its parent or of the endorsement hierarchy.</param>
internal sealed class KeyLoader(TpmKeyOptions options, SecretBytes keyPassword, SecretBytes parentPassword)
{
    private TpmConnection _connection = null!;
    private TpmSession? _hmac;
    private TpmSession? _policy;

    private TpmCommands Commands => _connection.Commands;

    // A parent that is made of a template needs no password, and that of a key in a handle is of no interest any more.
    private SecretBytes EndorsementPassword =>
        options.KeyFile is { } file && !options.EndorsementParent && TpmHt.Of(file.Parent) == TpmHt.Persistent
            ? SecretBytes.None
            : parentPassword;

    /// <summary>Loads.</summary>
    /// <param name="connection">The TPM.</param>
    /// <exception cref="TpmException">This key cannot be used so.</exception>
    public LoadedKey Load(TpmConnection connection)
    {
        (_connection, _hmac, _policy) = (connection, null, null);
        var area = options.PersistentHandle is { } handle ? ReadPersistent(handle) : options.KeyFile!.Public;
        KeyChecks.RequireSigningKey(area, options);
        var endorsement = options.EndorsementParent || options.SessionEncryptionName is not null ? Endorsement() : null;
        var requirement = KeyRequirement.Of(area, options, options.EndorsementParent ? endorsement!.Entity.Name : null);
        var loadsBelowEndorsement = options.EndorsementParent && options.KeyFile is not null;
        if (requirement.Use is not KeyUse.Password || loadsBelowEndorsement)
        {
            _policy = StartSession(isPolicy: true, endorsement);
        }

        // Making it again takes hardware seconds, but it would take the room of other accounts' keys.
        if (endorsement is not null && !loadsBelowEndorsement)
        {
            connection.Flush(endorsement.Entity);
        }

        var (entity, description) = options.PersistentHandle is { } persistent
            ? (new TpmEntity(persistent, area.Name), "It needs no parent: it is in the TPM for good.")
            : loadsBelowEndorsement ? (LoadBelowEndorsement(endorsement!.Entity, area), "Its parent is the endorsement key.")
            : LoadBelowParent(endorsement, area);
        if (requirement.Use is KeyUse.Password && !keyPassword.IsEmpty)
        {
            Hmac(endorsement);
        }

        if (loadsBelowEndorsement)
        {
            connection.Flush(endorsement!.Entity);
        }

        if (_policy is not null && requirement.Use is KeyUse.Password)
        {
            connection.Flush(_policy.Entity);
            _policy = null;
        }

        return new LoadedKey(connection, entity, area, requirement, !keyPassword.IsEmpty, _hmac, _policy, description);
    }

    private TpmPublic ReadPersistent(uint handle)
    {
        try
        {
            return Commands.ReadPublic(handle);
        }
        catch (TpmResponseException e) when (e.Kind is TpmRc.Handle or TpmRc.Value)
        {
            throw Unusable(
                $"The persistent handle 0x{handle:X8} of the TPM {options.Address} is empty. "
                + "List those in use with: tpm2_getcap handles-persistent.",
                e);
        }
        catch (TpmFormatException e)
        {
            throw Unusable(
                $"What is in the persistent handle 0x{handle:X8} of the TPM {options.Address} cannot be used: its name is not made with SHA-256.", e);
        }
    }

    // The endorsement key, whose name says which TPM this is, and the session that is salted to it.
    private EndorsementKey Endorsement()
    {
        var password = EndorsementPassword;
        var needsProof = !password.IsEmpty;
        var proof = needsProof ? StartSession(isPolicy: false, null) : null;
        var (entity, area) = Refusable(
            "endorsement hierarchy", needsProof,
            () => Commands.CreatePrimary(
                TpmRh.Endorsement, TpmTemplates.Endorsement(), needsProof ? new TpmAuthorization(proof, password) : TpmAuthorization.None));
        _connection.Own(entity);
        if (options.SessionEncryptionName is not { } expected)
        {
            _hmac = proof;
            return new EndorsementKey(entity, null);
        }

        var name = Convert.ToHexStringLower(entity.Name);
        if (!string.Equals(name, expected, StringComparison.OrdinalIgnoreCase))
        {
            throw new TpmException(
                TpmFault.Untrusted,
                $"The endorsement key of the TPM {options.Address} has the name {name}, but {expected} is expected (sessionEncryptionName). "
                + "Either this is another TPM, somebody stands between, or the name is that of another key than the RSA one of tpm2_createek.");
        }

        if (proof is not null)
        {
            _connection.Flush(proof.Entity);
        }

        var endorsement = new EndorsementKey(entity, area);
        _hmac = StartSession(isPolicy: false, endorsement);
        return endorsement;
    }

    private TpmEntity LoadBelowEndorsement(TpmEntity endorsement, TpmPublic area)
    {
        var password = EndorsementPassword;
        Refusable(
            "endorsement hierarchy", !password.IsEmpty,
            () =>
            {
                Commands.PolicySecret(_policy!, Proof(password));
                return true;
            });
        return _connection.Own(LoadFile(endorsement, [new TpmAuthorization(_policy)], area));
    }

    private (TpmEntity Key, string Description) LoadBelowParent(EndorsementKey? endorsement, TpmPublic area)
    {
        var parent = options.KeyFile!.Parent;
        if (TpmHt.Of(parent) == TpmHt.Persistent)
        {
            if (!parentPassword.IsEmpty)
            {
                Hmac(endorsement);
            }

            var entity = new TpmEntity(parent, ReadParent(parent).Name);
            var key = Refusable("key's parent", !parentPassword.IsEmpty, () => LoadFile(entity, [Proof(parentPassword)], area));
            return (_connection.Own(key), $"Its parent is the persistent key 0x{parent:X8}.");
        }

        var hierarchy = parent switch
        {
            TpmRh.Owner => "owner",
            TpmRh.Endorsement => "endorsement",
            TpmRh.Platform => "platform",
            _ => "null",
        };
        var (primary, _) = Refusable(
            $"{hierarchy} hierarchy", false,
            () => Commands.CreatePrimary(parent, TpmTemplates.StoragePrimary(), Proof(null)));
        _connection.Own(primary);
        var loaded = _connection.Own(LoadFile(primary, [Proof(null)], area));
        _connection.Flush(primary);
        return (loaded, $"Its parent is the {hierarchy} hierarchy's storage key, which is made anew from the H2 template each time.");
    }

    private TpmPublic ReadParent(uint handle)
    {
        try
        {
            return Commands.ReadPublic(handle);
        }
        catch (TpmResponseException e) when (e.Kind is TpmRc.Handle or TpmRc.Value)
        {
            throw Unusable(
                $"{options.KeyFile!.Source} names the persistent handle 0x{handle:X8} as the key's parent, but it is empty on the TPM {options.Address}. "
                + "The file belongs to another TPM, or the parent was removed.",
                e);
        }
    }

    private TpmEntity LoadFile(TpmEntity parent, IEnumerable<TpmAuthorization> authorizations, TpmPublic area)
    {
        var file = options.KeyFile!;
        TpmAuthorization[] all = [.. authorizations];
        if (_hmac is { IsSalted: true } && all.All(authorization => authorization.Session != _hmac))
        {
            all = [.. all, new TpmAuthorization(_hmac)];
        }

        try
        {
            return Commands.Load(parent, all, file.PrivateArea, area);
        }
        catch (TpmResponseException e) when (e.Kind is TpmRc.Integrity or TpmRc.Type or TpmRc.Attributes or TpmRc.Value)
        {
            throw Unusable(
                $"The TPM {options.Address} cannot load {file.Source}: it was made below another parent or for another TPM. "
                + "Say endorsementParent when the key was duplicated to the endorsement key.",
                e);
        }
    }

    // Passwords are proven in a session; a salted one is used even where there is none, because it also encrypts.
    private TpmAuthorization Proof(SecretBytes? password) =>
        _hmac is not null && (_hmac.IsSalted || password is { IsEmpty: false })
            ? new TpmAuthorization(_hmac, password)
            : TpmAuthorization.None;

    private void Hmac(EndorsementKey? endorsement) => _hmac ??= StartSession(isPolicy: false, endorsement);

    private TpmSession StartSession(bool isPolicy, EndorsementKey? endorsement) => _connection.Own(
        endorsement?.Area is { } area
            ? Commands.StartAuthSession(isPolicy, endorsement.Entity, area.Rsa!.Value)
            : Commands.StartAuthSession(isPolicy));

    private T Refusable<T>(string what, bool wasGiven, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (TpmResponseException e) when (e.IsWrongPassword)
        {
            throw KeyChecks.WrongPassword(_connection.Commands, $"the {what}", wasGiven ? "parentPassword" : null, e);
        }
    }

    private static TpmException Unusable(string message, Exception cause) => new(TpmFault.Unusable, message, cause);

    // The area is there only when sessions are to be salted to it.
    private sealed record EndorsementKey(TpmEntity Entity, TpmPublic? Area);
}
